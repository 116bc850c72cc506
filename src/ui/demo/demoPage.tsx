/** The page while a demonstration runs: the pictures, what the presenter needs beside them, and the caption, for a hall. */
import { useEffect } from 'react';
import type { App } from '../../state/app';
import type { RunningDemo } from '../../state/demo';
import { DEMOS } from '../../state/demoScripts';
import type { Viewer } from '../../viewer/viewer';
import type { DialogName } from '../menu/entries';
import { Viewports } from '../viewports/viewports';
import { DemoAside } from './demoAside';
import { DemoCaption } from './demoCaption';
import { demoKeyOf } from './demoKeys';
import styles from './demoPage.module.css';

const INPUT = ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const;

interface DemoPageProps {
  readonly app: App;
  readonly viewer: Viewer;
  readonly demo: RunningDemo;
  readonly onDialog: (name: DialogName) => void;
}

export function DemoPage({ app, viewer, demo, onDialog }: DemoPageProps) {
  useEffect(() => {
    const listeners = new AbortController();
    // Before the viewer hears of them: its arrows and its R mean something else.
    const first = { capture: true, signal: listeners.signal };
    window.addEventListener(
      'keydown',
      (event) => {
        if (document.querySelector('dialog[open]')) return;
        const pressed = demoKeyOf(event);
        if (!pressed) return;
        event.preventDefault();
        event.stopPropagation();
        pressed.run(app);
      },
      first,
    );
    for (const type of INPUT) window.addEventListener(type, app.noteDemoInput, { ...first, passive: true });
    return () => listeners.abort();
  }, [app]);

  const script = DEMOS[demo.id];
  return (
    <div className={styles.hall} data-testid="demo" data-step={demo.step}>
      <main className={styles.pictures}>
        <Viewports viewer={viewer} />
      </main>
      <DemoAside app={app} viewer={viewer} demo={demo} script={script} onDialog={onDialog} />
      <DemoCaption app={app} demo={demo} script={script} />
    </div>
  );
}
