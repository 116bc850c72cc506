/** The three panes over one canvas, with the status line. */
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import { actionForKey } from '../../viewer/tools/keyBindings';
import { trackPointer } from '../../viewer/tools/trackPointer';
import type { Viewer } from '../../viewer/viewer';
import { OrientationNotice } from './orientationNotice';
import { Pane } from './pane';
import { StatusBar } from './statusBar';
import './viewports.css';

/** Elements that need every key for themselves, and those that only need the keys that move their value. */
const TYPING = 'input:not([type=radio], [type=range]), select, textarea, [contenteditable]';
const MOVABLE = 'input';
const MOVING_KEYS = /^(Arrow|Page|Home|End)/;

/** A dialog that lies over the viewer has all keys, wherever the focus is: a click on its text takes it to the page. */
const isForOthers = ({ target, key, defaultPrevented }: KeyboardEvent) =>
  defaultPrevented ||
  document.querySelector('dialog[open]') !== null ||
  (target instanceof Element &&
    (target.closest(TYPING) !== null || (target.closest(MOVABLE) !== null && MOVING_KEYS.test(key))));

/**
 * A list chosen from a moment ago still has the focus and would take the next key: "s" picks "Soft tissue" there. An open
 * list gives the focus back to its button only after the pointer has entered the pane below, hence at every move.
 */
function leaveControls() {
  const focused = document.activeElement;
  if (focused instanceof HTMLElement && focused.matches('input, [aria-haspopup=listbox]')) focused.blur();
}

export function Viewports({ viewer }: { viewer: Viewer }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const panes = useRef<HTMLDivElement>(null);
  const maximised = useStore(viewer.state, (view) => view.maximised);
  const viewports = useStore(viewer.state, (view) => view.viewports);
  const lost = useStore(viewer.state, (view) => view.graphics === 'lost');

  useEffect(() => (canvas.current ? viewer.attach(canvas.current) : undefined), [viewer]);
  useEffect(() => (panes.current ? trackPointer(panes.current, viewer) : undefined), [viewer]);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (isForOthers(event)) return;
      const action = actionForKey(event, viewer.state.getState());
      if (!action) return;
      event.preventDefault();
      viewer.dispatch(action);
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  }, [viewer]);

  return (
    <section className="viewer" aria-label={t('viewer-region')}>
      <div ref={panes} className="panes" onPointerMove={leaveControls} data-maximised={maximised ?? undefined}>
        <canvas ref={canvas} className="panes-canvas" />
        {viewports.map((viewport) => (
          <Pane
            key={viewport.id}
            viewer={viewer}
            viewport={viewport}
            hidden={maximised !== null && maximised !== viewport.id}
          />
        ))}
        {lost && (
          <div className="panes-message" role="alert">
            {t('graphics-lost')}
          </div>
        )}
      </div>
      <OrientationNotice viewer={viewer} />
      <StatusBar viewer={viewer} />
    </section>
  );
}
