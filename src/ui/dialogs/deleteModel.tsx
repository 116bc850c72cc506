/** Takes a model, or its download, out of this browser. Asks once, in place: the second button is where the eyes are. */
import { useState } from 'react';
import { t } from '../../locales/say';
import type { ModelEntry } from '../../models/entries';
import type { App } from '../../state/app';
import { Button } from '../kit/button';
import styles from './deleteModel.module.css';

export function DeleteModel({ app, entry, busy }: { app: App; entry: ModelEntry; busy: boolean }) {
  const [asking, setAsking] = useState(false);
  const own = entry.source === 'own';
  const { title } = entry.manifest;
  const what = own ? t('delete-model', { title }) : t('remove-model', { title });
  if (!asking) {
    return (
      <Button look="link" isDisabled={busy} aria-label={what} onPress={() => setAsking(true)}>
        {own ? t('delete-more') : t('remove-more')}
      </Button>
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would inherit the list's own
    <span className={styles.asking} role="group" aria-label={what}>
      <span>{own ? t('delete-question') : t('remove-question')}</span>
      <Button size="small" autoFocus isDisabled={busy} onPress={() => void app.deleteModel(entry.id)}>
        {own ? t('delete') : t('remove')}
      </Button>
      <Button size="small" isDisabled={busy} onPress={() => setAsking(false)}>
        {t('keep')}
      </Button>
    </span>
  );
}
