/** What the models take up in this browser, and what would still fit. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import { formatBytes } from '../format';
import { Muted } from '../kit/text';

export function StorageLine({ app }: { app: App }) {
  const models = useStore(app.state, (now) => now.models);
  const storage = useStore(app.state, (now) => now.storage);
  if (!storage) return null;
  const kept = models.reduce((sum, entry) => sum + (entry.kept?.storedBytes ?? 0), 0);
  const { usedBytes, quotaBytes } = storage;
  const free = usedBytes === null || quotaBytes === null ? null : Math.max(0, quotaBytes - usedBytes);
  return (
    <Muted data-testid="storage">
      {kept > 0 ? t('models-kept', { size: formatBytes(kept) }) : t('no-models-kept')}
      {free !== null && ` ${t('would-fit', { size: formatBytes(free) })}`}
    </Muted>
  );
}
