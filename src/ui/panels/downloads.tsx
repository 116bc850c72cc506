/** Buttons for the files that the user takes away. */
import { useState } from 'react';
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import { shownLabels } from '../../state/results';
import { Button } from '../kit/button';
import { DownloadIcon } from '../kit/icons';
import styles from './downloads.module.css';
import { saveMask, saveVolumes } from './saveResult';

export function Downloads({ app }: { app: App }) {
  const kind = useStore(app.state, (now) => shownLabels(now)?.madeFrom.kind);
  const [writing, setWriting] = useState(false);
  if (!kind) return null;
  const save = async () => {
    setWriting(true);
    await saveMask(app);
    setWriting(false);
  };
  return (
    <div className={styles.downloads}>
      {kind === 'model' && (
        <Button isDisabled={writing} onPress={() => void save()}>
          <DownloadIcon /> {writing ? t('writing-file') : t('save-mask')}
        </Button>
      )}
      <Button onPress={() => saveVolumes(app)}>
        <DownloadIcon /> {t('save-volumes')}
      </Button>
    </div>
  );
}
