/** Errors and warnings as sentences; each can be closed. */
import { useStore } from 'zustand';
import { say } from '../../locales/say';
import type { App } from '../../state/app';
import { classes } from '../kit/classes';
import { Notice } from '../kit/notice';
import styles from './notices.module.css';

export function Notices({ app, className }: { app: App; className?: string }) {
  const notices = useStore(app.state, (now) => now.notices);
  if (notices.length === 0) return null;
  return (
    <div className={classes(styles.notices, className)} data-testid="notices">
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
