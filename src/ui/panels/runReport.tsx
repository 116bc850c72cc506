/** What a finished run took, and where it ran. */
import { useStore } from 'zustand';
import type { Provider } from '../../inference/protocol';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import { shownLabels } from '../../state/results';
import type { RunInformation } from '../../study/document';
import { timeSpan } from '../deviceWords';
import { formatDuration } from '../format';
import { MutedSpan } from '../kit/text';
import { PROVIDER_NAMES } from '../providers';
import styles from './runReport.module.css';

export function RunReport({ app }: { app: App }) {
  const madeFrom = useStore(app.state, (now) => shownLabels(now)?.madeFrom);
  return madeFrom?.kind === 'model' ? <Report {...madeFrom.run} /> : null;
}

function Report({ provider, adapter, reason, milliseconds, windows, expected, memory }: RunInformation) {
  return (
    <dl className={styles.report} data-testid="run-report">
      <div>
        <dt>{t('ran-on')}</dt>
        <dd>
          {t('ran-on-device', { provider: PROVIDER_NAMES[provider as Provider], adapter })}
          <MutedSpan className={styles.reason}>{say(reason)}</MutedSpan>
        </dd>
      </div>
      <div>
        <dt>{t('took')}</dt>
        <dd>
          <span translate="no">{formatDuration(milliseconds)}</span>{' '}
          <MutedSpan>{t('windows', { count: windows })}</MutedSpan>
          {expected && <MutedSpan> {t('was-predicted', { time: timeSpan(expected) })}</MutedSpan>}
          <MutedSpan className={styles.reason}>{say(memory)}</MutedSpan>
        </dd>
      </div>
    </dl>
  );
}
