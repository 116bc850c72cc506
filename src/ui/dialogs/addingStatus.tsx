/** A model being added: what is happening, what went wrong, what there is to decide. */
import { useStore } from 'zustand';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import { Button } from '../kit/button';
import { Notice } from '../kit/notice';
import { ProgressBar } from '../kit/progressBar';
import { HiddenText } from '../kit/text';
import { addingText, progressFraction } from '../progress';
import styles from './addingStatus.module.css';

export function AddingStatus({ app }: { app: App }) {
  const adding = useStore(app.state, (now) => now.adding);
  if (!adding) return null;
  if (adding.phase === 'working') {
    const { progress, stopping } = adding;
    const text = stopping ? t('stopping') : progress ? addingText(progress) : t('adding-read');
    const fraction = progress && !stopping ? progressFraction(progress) : null;
    return (
      <div className={styles.adding} data-testid="adding">
        <p className={styles.step}>{t('adding-model', { step: text })}</p>
        <ProgressBar name={t('adding-a-model')} fraction={fraction} />
        {/* Announced once per step; the numbers would interrupt every second. */}
        <HiddenText aria-live="polite">{progress ? addingText({ ...progress, total: 0 }) : ''}</HiddenText>
        <Button size="small" isDisabled={stopping} onPress={() => app.cancelAdding()}>
          {stopping ? t('stopping-more') : t('cancel')}
        </Button>
      </div>
    );
  }
  if (adding.phase === 'asking') {
    return (
      <Notice kind="warning" role="alert" className={styles.notice}>
        <p>{say(adding.message)}</p>
        <span className={styles.answers}>
          <Button size="small" onPress={() => void app.answerReplacing(true)}>
            {t('replace')}
          </Button>
          <Button size="small" onPress={() => void app.answerReplacing(false)}>
            {t('keep-what-is-here')}
          </Button>
        </span>
      </Notice>
    );
  }
  const failed = adding.phase === 'failed';
  return (
    <Notice
      kind={failed ? 'error' : 'done'}
      role={failed ? 'alert' : 'status'}
      code={failed ? adding.message.code : undefined}
      className={styles.notice}
      onDismiss={() => app.dismissAdding()}
    >
      <p>
        {failed && <strong>{t('model-not-added')} </strong>}
        {say(adding.message)}
      </p>
    </Notice>
  );
}
