/** All models: which one segments, what each is, and the ways to add another. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import { isBusy } from '../../state/status';
import { Button } from '../kit/button';
import { Dialog } from '../kit/dialog';
import { HiddenText, Muted } from '../kit/text';
import type { DialogName } from '../menu/entries';
import { OpenButton } from '../opening/openButton';
import { AddingStatus } from './addingStatus';
import { ModelRow } from './modelRow';
import styles from './modelsDialog.module.css';

interface ModelsDialogProps {
  readonly app: App;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onCard: (modelId: string) => void;
  readonly onDialog: (name: DialogName) => void;
}

export function ModelsDialog({ app, open, onClose, onCard, onDialog }: ModelsDialogProps) {
  const models = useStore(app.state, (now) => now.models);
  const modelId = useStore(app.state, (now) => now.modelId);
  const busy = useStore(app.state, (now) => isBusy(now.status));
  const adding = useStore(app.state, (now) => now.adding?.phase === 'working');
  return (
    <Dialog
      open={open}
      title={t('models')}
      className={styles.models}
      onOpen={(dialog) => {
        void app.refreshStorage();
        dialog.querySelector<HTMLElement>('input:checked')?.focus();
      }}
      onClose={() => {
        app.dismissAdding();
        onClose();
      }}
    >
      <AddingStatus app={app} />
      <fieldset className={styles.list} disabled={busy}>
        <legend>
          <HiddenText>{t('model-for-segmenting')}</HiddenText>
        </legend>
        {models.map((entry) => (
          <ModelRow key={entry.id} app={app} entry={entry} chosen={entry.id === modelId} busy={busy} onCard={onCard} />
        ))}
        {models.length === 0 && <Muted>{t('no-model-yet')}</Muted>}
      </fieldset>
      {busy && <Muted>{t('model-change-waits')}</Muted>}
      <section className={styles.add}>
        <h3>{t('add-model')}</h3>
        <Muted>{t('add-model-explained')}</Muted>
        <div className={styles.addButtons}>
          <OpenButton app={app} folder isDisabled={adding} testId="model-folder-input">
            {t('choose-folder')}
          </OpenButton>
          <OpenButton app={app} isDisabled={adding} testId="model-file-input">
            {t('choose-zip')}
          </OpenButton>
        </div>
        <Button look="link" onPress={() => onDialog('offline')}>
          {t('offline-and-storage')}
        </Button>
      </section>
    </Dialog>
  );
}
