/** The right side of the page: model, run, structures, downloads. */
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import type { Viewer } from '../../viewer/viewer';
import type { DialogName } from '../menu/entries';
import { Notices } from '../notices/notices';
import { RequestsBadge } from '../privacy/requestsBadge';
import { Downloads } from './downloads';
import { Legend } from './legend';
import { ModelPanel } from './modelPanel';
import { RunPanel } from './runPanel';
import { ScansPanel } from './scansPanel';
import styles from './sidePanel.module.css';

interface SidePanelProps {
  readonly app: App;
  readonly viewer: Viewer;
  readonly onDialog: (name: DialogName) => void;
  readonly onCard: (modelId: string) => void;
}

export function SidePanel({ app, viewer, onDialog, onCard }: SidePanelProps) {
  return (
    <aside className={styles.side} aria-label={t('segmentation')}>
      <Notices app={app} className={styles.notices} />
      <ModelPanel app={app} onModels={() => onDialog('models')} onCard={onCard} />
      <ScansPanel app={app} />
      <RunPanel app={app} />
      <Legend app={app} viewer={viewer} />
      <div className={styles.foot}>
        <Downloads app={app} />
        <p>{t('promise')}</p>
        <RequestsBadge app={app} onDialog={onDialog} />
      </div>
    </aside>
  );
}
