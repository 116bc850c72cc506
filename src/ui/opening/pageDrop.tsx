/** A drop anywhere on the page opens scans and adds models; the page shows that it does. */
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { InvalidInputError } from '../../core/errors';
import { reasonOf } from '../../core/messages';
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import { isBusy } from '../../state/status';
import { droppedFiles } from './droppedFiles';
import { openAll } from './openAll';
import styles from './pageDrop.module.css';

const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;

/** Accepts drops on the whole page; shows that it does while something hovers over it. */
export function PageDrop({ app }: { app: App }) {
  const [hovering, setHovering] = useState(false);
  const busy = useStore(app.state, (now) => isBusy(now.status));

  useEffect(() => {
    const listeners = new AbortController();
    const { signal } = listeners;
    // Enter and leave fire for every element that is crossed; the page is left when the counts are even.
    let depth = 0;
    const on = (type: 'dragenter' | 'dragover' | 'dragleave' | 'drop', listener: (event: DragEvent) => void) =>
      window.addEventListener(
        type,
        (event) => {
          if (!hasFiles(event)) return;
          event.preventDefault();
          listener(event);
        },
        { signal },
      );
    on('dragenter', () => {
      depth++;
      setHovering(true);
    });
    on('dragover', () => undefined);
    on('dragleave', () => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) setHovering(false);
    });
    on('drop', (event) => {
      depth = 0;
      setHovering(false);
      if (!event.dataTransfer) return;
      droppedFiles(event.dataTransfer)
        .then((files) => openAll(app, files))
        .catch((cause) => app.report(new InvalidInputError('drop-unreadable', { why: reasonOf(cause) }, { cause })));
    });
    return () => listeners.abort();
  }, [app]);

  return hovering ? (
    <div className={styles.drop} aria-hidden="true" data-testid="page-drop">
      {busy ? (
        <p>
          {t('drop-while-running')}
          <span className={styles.hint}>{t('drop-while-running-what')}</span>
        </p>
      ) : (
        <p>{t('drop-anywhere')}</p>
      )}
    </div>
  ) : null;
}
