/** What the page says about itself with a button to it: a newer version, and threads that a reload brings. */
import { useStore } from 'zustand';
import { say, t } from '../../locales/say';
import type { App } from '../../state/app';
import { reloadHindrance } from '../../state/installation';
import { Button } from '../kit/button';
import { Notice } from '../kit/notice';

export function InstallationNotices({ app }: { app: App }) {
  const update = useStore(app.state, (now) => (now.isUpdateRead ? 'none' : now.update));
  const threads = useStore(app.state, (now) => now.threads);
  const hindrance = useStore(app.state, reloadHindrance);
  const isScanOpen = useStore(app.state, (now) => now.study.scans.length > 0);
  const because = hindrance ? say(hindrance) : isScanOpen && t('reload-closes-scan');
  return (
    <>
      {update !== 'none' && (
        <Notice kind="info" role="status" code="update-waiting" onDismiss={app.dismissUpdate}>
          <p>
            {t('update-waiting')} {because}
          </p>
          <Button
            size="small"
            isDisabled={hindrance !== null || update === 'applying'}
            onPress={() => void app.applyUpdate()}
          >
            {t(update === 'applying' ? 'updating' : 'update-now')}
          </Button>
        </Notice>
      )}
      {threads === 'after-reload' && (
        <Notice
          kind="info"
          role="status"
          code="threads-after-reload"
          onDismiss={() => app.noteInstallation({ threads: 'none' })}
        >
          <p>
            {t('threads-after-reload')} {because}
          </p>
          <Button size="small" isDisabled={hindrance !== null} onPress={app.reload}>
            {t('reload-now')}
          </Button>
        </Notice>
      )}
    </>
  );
}
