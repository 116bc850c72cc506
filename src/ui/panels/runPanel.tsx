/** Starting, watching and ending a segmentation. */
import { useStore } from 'zustand';
import type { ProviderChoice } from '../../inference/protocol';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import { chosenWarnings } from '../../state/modelChoice';
import { isOfNow, shownLabels } from '../../state/results';
import { missingChannels } from '../../state/scans';
import { can, isBusy } from '../../state/status';
import { Button } from '../kit/button';
import { Select } from '../kit/select';
import { Muted } from '../kit/text';
import { PROVIDER_NAMES } from '../providers';
import { MirrorChoice } from './mirrorChoice';
import { OfflineNote } from './offlineNote';
import { Panel } from './panel';
import { PlanLine } from './planLine';
import styles from './runPanel.module.css';
import { RunProgress } from './runProgress';
import { SuitabilityNote } from './suitabilityNote';

export function RunPanel({ app }: { app: App }) {
  const status = useStore(app.state, (now) => now.status);
  return (
    <Panel className={styles.run} data-testid="run" data-status={status}>
      {isBusy(status) ? <RunProgress app={app} /> : <RunStart app={app} />}
      <p className={styles.outcome} role="status" data-testid="run-status">
        {status === 'cancelled' && t('run-cancelled')}
        {status === 'failed' && t('run-not-finished')}
      </p>
    </Panel>
  );
}

function RunStart({ app }: { app: App }) {
  const ready = useStore(app.state, (now) => now.modelId !== null && can(now.status, 'segment'));
  const provider = useStore(app.state, (now) => now.provider);
  const missing = useStore(app.state, missingChannels);
  const again = useStore(app.state, (now) => {
    const shown = shownLabels(now);
    return shown !== null && isOfNow(shown, now);
  });
  const doubtful = useStore(app.state, (now) => chosenWarnings(now).length > 0);
  const providers = Object.entries(PROVIDER_NAMES) as [ProviderChoice, (typeof PROVIDER_NAMES)[ProviderChoice]][];
  return (
    <>
      <SuitabilityNote app={app} />
      <OfflineNote app={app} />
      <Button
        size="large"
        look={again || doubtful ? 'plain' : 'primary'}
        isDisabled={!ready || missing !== ''}
        onPress={() => void app.segment()}
      >
        {again ? t('segment-again') : doubtful ? t('segment-anyway') : t('segment')}
      </Button>
      <PlanLine app={app} />
      {missing !== '' && <Muted>{t('scan-missing', { channels: missing })}</Muted>}
      <MirrorChoice app={app} />
      <Select
        label={t('run-on')}
        options={providers.map(([value, name]) => ({ value, title: say(name) }))}
        value={provider}
        onChange={(chosen) => app.selectProvider(chosen)}
      />
    </>
  );
}
