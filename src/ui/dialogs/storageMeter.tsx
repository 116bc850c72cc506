/** How much this page stores, of how much the browser allows, and whether the browser may clear it on its own. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import { formatBytes } from '../format';
import { Button } from '../kit/button';
import styles from './offlineDialog.module.css';

export function StorageMeter({ app }: { readonly app: App }) {
  const survey = useStore(app.state, (now) => now.survey);
  if (!survey) return null;
  const { usedBytes, quotaBytes, isPersistent } = survey;
  return (
    <>
      {usedBytes !== null && quotaBytes !== null ? (
        <div className={styles.meter}>
          <meter aria-label={t('room-used')} min={0} max={quotaBytes} value={usedBytes} />
          <span data-testid="room">
            {t('used-of', { used: formatBytes(usedBytes), quota: formatBytes(quotaBytes) })}
          </span>
        </div>
      ) : (
        <p>{t('room-unknown')}</p>
      )}
      <div className={styles.meter}>
        <p>{isPersistent ? t('is-persistent') : t('is-not-persistent')}</p>
        {!isPersistent && (
          <Button size="small" onPress={() => void app.askPersistence()}>
            {t('ask-persistence')}
          </Button>
        )}
      </div>
    </>
  );
}
