/** A run on its way: what is happening, how long it will take, on what, and the way to stop it. */
import { useStore } from 'zustand';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import { formatSeconds } from '../format';
import { Button } from '../kit/button';
import { ProgressBar } from '../kit/progressBar';
import { HiddenText, Muted } from '../kit/text';
import { progressFraction, progressText } from '../progress';
import styles from './runProgress.module.css';

export function RunProgress({ app }: { app: App }) {
  const progress = useStore(app.state, (now) => now.progress);
  const runningOn = useStore(app.state, (now) => now.runningOn);
  const cancelling = useStore(app.state, (now) => now.status === 'cancelling');
  const fraction = progress && !cancelling ? progressFraction(progress) : null;
  const secondsLeft = progress?.secondsLeft ?? null;
  const textOf = (now: typeof progress) => {
    if (cancelling) return t('stopping');
    return now ? progressText(now, runningOn?.provider) : t('starting');
  };
  return (
    <>
      <p className={styles.phase}>
        <span data-testid="run-phase">{textOf(progress)}</span>
        {secondsLeft !== null && !cancelling && (
          <span className={styles.left}>{t('time-left', { time: formatSeconds(secondsLeft) })}</span>
        )}
      </p>
      <ProgressBar name={t('run-progress')} fraction={fraction} />
      {/* Announced once per phase; the numbers would interrupt every second. */}
      <HiddenText aria-live="polite">{textOf(progress && { ...progress, total: 0 })}</HiddenText>
      {runningOn && <Muted>{say(runningOn.reason)}</Muted>}
      {progress?.memory && <Muted>{say(progress.memory.text)}</Muted>}
      <Button size="large" isDisabled={cancelling} onPress={() => app.cancel()}>
        {cancelling ? t('stopping-more') : t('cancel')}
      </Button>
    </>
  );
}
