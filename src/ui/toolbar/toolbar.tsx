/** The line above the panes: which scan this is, and how it is shown. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import { isBusy } from '../../state/status';
import type { Viewer } from '../../viewer/viewer';
import { Button } from '../kit/button';
import { OpenIcon } from '../kit/icons';
import { Tooltip } from '../kit/tooltip';
import type { DialogName } from '../menu/entries';
import { PageMenu } from '../menu/pageMenu';
import { OpenButton } from '../opening/openButton';
import { ConventionSelect } from './conventionSelect';
import { MaskControls } from './maskControls';
import { ShownFile } from './shownFile';
import styles from './toolbar.module.css';
import { WindowSelect } from './windowSelect';

interface ToolbarProps {
  readonly app: App;
  readonly viewer: Viewer;
  readonly onDialog: (name: DialogName) => void;
}

export function Toolbar({ app, viewer, onDialog }: ToolbarProps) {
  const busy = useStore(app.state, (now) => isBusy(now.status));
  return (
    <header className={styles.toolbar} data-testid="toolbar">
      <h1 className={styles.brand} translate="no">
        <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="22" height="22" />
        <span>Organscope</span>
      </h1>
      <ShownFile app={app} />
      <div className={styles.end}>
        <WindowSelect viewer={viewer} />
        <ConventionSelect viewer={viewer} />
        <MaskControls viewer={viewer} />
        <span className={styles.buttons}>
          <OpenButton app={app} isDisabled={busy}>
            <OpenIcon /> {t('open')}
          </OpenButton>
          <Tooltip text={t('help-tooltip')}>
            <Button square aria-label={t('keys-and-mouse')} onPress={() => onDialog('help')}>
              ?
            </Button>
          </Tooltip>
          <PageMenu app={app} onDialog={onDialog} />
        </span>
      </div>
    </header>
  );
}
