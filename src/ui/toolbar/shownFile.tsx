/** The scan that is shown: its name and its grid. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import { shownScan } from '../../state/scans';
import { formatDims, formatSpacing } from '../format';
import styles from './shownFile.module.css';

export function ShownFile({ app }: { app: App }) {
  const scan = useStore(app.state, shownScan);
  const reading = useStore(app.state, ({ readingName }) => readingName && t('reading', { name: readingName }));
  if (!scan) return null;
  const dims = formatDims(scan.grid.dimsXyz);
  const spacing = formatSpacing(scan.grid.spacingXyz);
  return (
    <div className={styles.file}>
      <span
        className={styles.name}
        title={reading || scan.name}
        data-testid="file-name"
        translate={reading ? undefined : 'no'}
      >
        {reading ?? scan.name}
      </span>
      <span className={styles.grid} title={t('grid-in-words', { dims, spacing })}>
        {t('voxels', { dims })} <span aria-hidden="true">·</span> <span translate="no">{spacing}</span>
      </span>
    </div>
  );
}
