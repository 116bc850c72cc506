/** The chosen model is not in this browser and there is no network: say so before a run is started, not after. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import { chosenModel } from '../../models/entries';
import type { App } from '../../state/app';
import { isModelKept, isOutOfReach } from '../../state/keeping';
import { Button } from '../kit/button';
import { Notice } from '../kit/notice';
import styles from './suitabilityNote.module.css';

export function OfflineNote({ app }: { readonly app: App }) {
  const outOfReach = useStore(app.state, isOutOfReach);
  const chosen = useStore(app.state, chosenModel);
  const models = useStore(app.state, (now) => now.models);
  if (!outOfReach || !chosen) return null;
  return (
    <Notice kind="warning" className={styles.note}>
      <p>{t('chosen-is-not-kept', { title: chosen.manifest.title })}</p>
      {models.filter(isModelKept).map(({ id, manifest }) => (
        <Button key={id} onPress={() => app.selectModel(id)}>
          {t('use-model', { title: manifest.title })}
        </Button>
      ))}
    </Notice>
  );
}
