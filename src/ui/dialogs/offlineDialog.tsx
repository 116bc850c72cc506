/** What works without a network, what this browser keeps for it, and everything else that Organscope stores here. */
import { useStore } from 'zustand';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import { isWhole, keepables, type Readiness, readiness } from '../../state/keeping';
import { isBusy } from '../../state/status';
import { formatBytes } from '../format';
import { Button } from '../kit/button';
import { Dialog } from '../kit/dialog';
import { Notice } from '../kit/notice';
import { ProgressBar } from '../kit/progressBar';
import { Muted } from '../kit/text';
import { KeepRows } from './keepRows';
import styles from './offlineDialog.module.css';
import { StorageMeter } from './storageMeter';
import { StoredRows } from './storedRows';

interface OfflineDialogProps {
  readonly app: App;
  readonly open: boolean;
  readonly onClose: () => void;
}

export function OfflineDialog({ app, open, onClose }: OfflineDialogProps) {
  const survey = useStore(app.state, (now) => now.survey);
  const models = useStore(app.state, (now) => now.models);
  const said = useStore(app.state, (now) => now.keepingSaid);
  const keeping = useStore(app.state, (now) => now.keeping);
  const busy = useStore(app.state, (now) => isBusy(now.status) || now.adding?.phase === 'working');
  const ready = readiness({ survey, models });
  const missing = keepables({ survey, models }).filter((one) => !isWhole(one));
  const missingBytes = missing.reduce((sum, { bytes, keptBytes }) => sum + bytes - keptBytes, 0);
  return (
    <Dialog
      open={open}
      title={t('offline-and-storage')}
      className={styles.offline}
      stickyHead
      onOpen={() => void app.refreshKept()}
      onClose={onClose}
    >
      <p className={styles.ready} role="status" data-testid="readiness">
        {ready ? readinessText(ready) : t('looking-at-storage')}
      </p>
      {keeping ? (
        <Progress app={app} {...keeping} />
      ) : (
        missing.length > 0 && (
          <Button look="primary" onPress={() => void app.keepForOffline(missing.map(({ id }) => id))}>
            {t('keep-everything', { size: formatBytes(missingBytes) })}
          </Button>
        )
      )}
      {said && (
        <Notice
          kind={said.kind}
          role={said.kind === 'error' ? 'alert' : 'status'}
          code={said.message.code}
          className={styles.said}
        >
          <p>{say(said.message)}</p>
        </Notice>
      )}
      <section className={styles.part}>
        <h3>{t('kept-for-offline')}</h3>
        <KeepRows app={app} isDisabled={keeping !== null || busy} />
      </section>
      <section className={styles.part}>
        <h3>{t('also-stored')}</h3>
        <StoredRows app={app} isDisabled={keeping !== null || busy} />
      </section>
      <section className={styles.part}>
        <h3>{t('room')}</h3>
        <StorageMeter app={app} />
        <Muted>{t('scans-are-not-stored')}</Muted>
        {busy && <Muted>{t('deleting-waits')}</Muted>}
        <Button isDisabled={busy} onPress={() => void app.deleteEverything()}>
          {t('delete-everything')}
        </Button>
      </section>
    </Dialog>
  );
}

function readinessText({ missing, ready, notReady }: Readiness): string {
  const titles = (all: readonly string[]) => all.join(', ');
  if (missing === 'app') return t('not-offline-app');
  if (missing === 'compute') return t('not-offline-compute');
  if (ready.length === 0) return t('not-offline-model');
  if (notReady.length === 0) return t('works-offline', { models: titles(ready) });
  return t('works-offline-partly', { models: titles(ready), missing: titles(notReady) });
}

function Progress({ app, done, total }: { readonly app: App; readonly done: number; readonly total: number }) {
  return (
    <div className={styles.progress}>
      <ProgressBar name={t('keeping-for-offline')} fraction={total > 0 ? done / total : null} />
      <span data-testid="keeping">{t('so-far', { done: formatBytes(done), total: formatBytes(total) })}</span>
      <Button size="small" onPress={() => app.cancelKeeping()}>
        {t('cancel')}
      </Button>
    </div>
  );
}
