/** A model run on what it is not made for gives confident nonsense: say so before, not after, and offer one that fits. */
import { useStore } from 'zustand';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import { chosenWarnings, fittingModel } from '../../state/modelChoice';
import { Button } from '../kit/button';
import { Notice } from '../kit/notice';
import styles from './suitabilityNote.module.css';

export function SuitabilityNote({ app }: { app: App }) {
  // A sentence, not the message: that is made anew each time, and a new value draws this again.
  const why = useStore(app.state, (now) => {
    const [worst] = chosenWarnings(now);
    return worst && say(worst);
  });
  const fitting = useStore(app.state, (now) => fittingModel(now));
  if (!why) return null;
  return (
    <Notice kind="warning" className={styles.note}>
      <p>{why}</p>
      {fitting && (
        <Button onPress={() => app.selectModel(fitting.id)}>{t('use-model', { title: fitting.manifest.title })}</Button>
      )}
    </Notice>
  );
}
