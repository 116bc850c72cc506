/** The page: start screen, or toolbar, viewer and side panel. */
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { App } from '../state/app';
import { shownScan } from '../state/scans';
import { DemoPage } from '../ui/demo/demoPage';
import { CardDialog } from '../ui/dialogs/cardDialog';
import { QuestionDialog } from '../ui/dialogs/questionDialog';
import type { DialogName } from '../ui/menu/entries';
import { PageDrop } from '../ui/opening/pageDrop';
import { SidePanel } from '../ui/panels/sidePanel';
import { StartScreen } from '../ui/start/startScreen';
import { Toolbar } from '../ui/toolbar/toolbar';
import { Viewports } from '../ui/viewports/viewports';
import type { Viewer } from '../viewer/viewer';
import '../ui/base.css';
import { DIALOGS } from './dialogs';
import styles from './page.module.css';

export function Page({ app, viewer }: { app: App; viewer: Viewer }) {
  const hasScan = useStore(app.state, (now) => shownScan(now) !== null);
  const demo = useStore(app.state, (now) => now.demo);
  const [dialog, setDialog] = useState<DialogName | null>(null);
  /** Whose card is open. */
  const [card, setCard] = useState<string | null>(null);
  const adding = useStore(app.state, (now) => now.adding?.phase);

  // Whatever is being said about a model that is being added is said in its dialog.
  useEffect(() => {
    if (!adding) return;
    setCard(null);
    setDialog('models');
  }, [adding]);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest('input:not([type=range]), select, textarea');
      if (event.key !== '?' || typing) return;
      setDialog((now) => {
        const others = document.querySelectorAll('dialog[open]').length - Number(now === 'help');
        if (others > 0) return now;
        return now === 'help' ? null : 'help';
      });
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, []);

  return (
    <>
      {demo ? (
        <DemoPage app={app} viewer={viewer} demo={demo} onDialog={setDialog} />
      ) : hasScan ? (
        <div className={styles.work}>
          <Toolbar app={app} viewer={viewer} onDialog={setDialog} />
          <main className={styles.main}>
            <Viewports viewer={viewer} />
          </main>
          <SidePanel app={app} viewer={viewer} onDialog={setDialog} onCard={setCard} />
        </div>
      ) : (
        <StartScreen app={app} onDialog={setDialog} />
      )}
      {(Object.keys(DIALOGS) as DialogName[]).map((name) => {
        const One = DIALOGS[name];
        return (
          <One
            key={name}
            app={app}
            viewer={viewer}
            open={dialog === name}
            onClose={() => setDialog((now) => (now === name ? null : now))}
            onCard={setCard}
            onDialog={setDialog}
          />
        );
      })}
      <CardDialog app={app} modelId={card} onClose={() => setCard(null)} />
      <QuestionDialog app={app} />
      <PageDrop app={app} />
    </>
  );
}
