/** Which open scan goes into which channel of the model, and which one is shown. Only where there is a choice. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import { chosenModel } from '../../models/entries';
import type { App } from '../../state/app';
import { shownScan } from '../../state/scans';
import { isBusy } from '../../state/status';
import { Muted } from '../kit/text';
import { OpenButton } from '../opening/openButton';
import { Panel } from './panel';
import { ScanSelect } from './scanSelect';
import styles from './scansPanel.module.css';

export function ScansPanel({ app }: { app: App }) {
  const scans = useStore(app.state, (now) => now.study.scans);
  const scan = useStore(app.state, shownScan);
  const assignment = useStore(app.state, (now) => now.assignment);
  const channels = useStore(app.state, (now) => chosenModel(now)?.manifest.channels);
  const busy = useStore(app.state, (now) => isBusy(now.status));
  if (!channels || (channels.length === 1 && scans.length === 1)) return null;
  const several = channels.length > 1;
  return (
    <Panel title={t('scans')} className={styles.scans} data-testid="scans">
      {several && <Muted>{t('scans-together', { count: channels.length })}</Muted>}
      <dl className={styles.channels}>
        {channels.map(({ name }, channel) => {
          const chosen = assignment[channel] ?? null;
          return (
            <div key={name} data-missing={chosen === null || undefined}>
              <dt translate={several ? 'no' : undefined}>{several ? name : t('segment-scan')}</dt>
              <dd>
                <ScanSelect
                  label={several ? name : t('segment-scan')}
                  scans={scans}
                  value={chosen}
                  optional={several}
                  disabled={busy}
                  onChange={(value) => app.assign(channel, value)}
                />
              </dd>
            </div>
          );
        })}
        {scans.length > 1 && (
          <div>
            <dt>{t('show-scan')}</dt>
            <dd>
              <ScanSelect
                label={t('show-scan')}
                scans={scans}
                value={scan?.id ?? null}
                optional={false}
                onChange={(value) => value !== null && app.showScan(value)}
              />
            </dd>
          </div>
        )}
      </dl>
      {several && (
        <OpenButton app={app} size="small" mode="join" isDisabled={busy} testId="add-scans-input">
          {t('add-more-scans')}
        </OpenButton>
      )}
    </Panel>
  );
}
