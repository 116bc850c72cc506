/** Errors and warnings as sentences; each can be closed. */
import { useStore } from 'zustand';
import type { App } from '../state/store';
import { CloseIcon } from './icons';

export function Notices({ app }: { app: App }) {
  const notices = useStore(app.state, (now) => now.notices);
  if (notices.length === 0) return null;
  return (
    <div className="notices">
      {notices.map(({ id, kind, text, code }) => (
        <div key={id} className={`notice notice-${kind}`} role={kind === 'error' ? 'alert' : 'status'} data-code={code}>
          <p>{text}</p>
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
