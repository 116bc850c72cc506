/** Errors and warnings as sentences; each can be closed. */
import { useStore } from 'zustand';
import { say } from '../locales/say';
import type { App } from '../state/app';
import { CloseIcon } from './icons';

export function Notices({ app }: { app: App }) {
  const notices = useStore(app.state, (now) => now.notices);
  if (notices.length === 0) return null;
  return (
    <div className="notices">
      {notices.map(({ id, kind, message }) => (
        <div
          key={id}
          className={`notice notice-${kind}`}
          role={kind === 'error' ? 'alert' : 'status'}
          data-code={message.code}
        >
          <p>{say(message)}</p>
          <button
            type="button"
            className="icon-button"
            aria-label="Dismiss this message"
            onClick={() => app.dismiss(id)}
          >
            <CloseIcon />
          </button>
        </div>
      ))}
    </div>
  );
}
