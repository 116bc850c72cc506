/** Errors and warnings as sentences; each can be closed. */
import { useStore } from 'zustand';
import { say } from '../../locales/say';
import type { App } from '../../state/app';
import { classes } from '../kit/classes';
import { Notice } from '../kit/notice';
import { InstallationNotices } from './installationNotices';
import styles from './notices.module.css';

export function Notices({ app, className }: { app: App; className?: string }) {
  const notices = useStore(app.state, (now) => now.notices);
  const hasOwn = useStore(
    app.state,
    ({ update, isUpdateRead, threads }) => (update !== 'none' && !isUpdateRead) || threads === 'after-reload',
  );
  if (notices.length === 0 && !hasOwn) return null;
  return (
    <div className={classes(styles.notices, className)} data-testid="notices">
      <InstallationNotices app={app} />
      {notices.map(({ id, kind, message }) => (
        <Notice
          key={id}
          kind={kind}
          role={kind === 'error' ? 'alert' : 'status'}
          code={message.code}
          onDismiss={() => app.dismiss(id)}
        >
          <p>{say(message)}</p>
        </Notice>
      ))}
    </div>
  );
}
