/** What the page says to the user until it is closed: errors, warnings about what is open, news. */
import { asAppError } from '../core/errors';
import { isSameMessage, type Message } from '../core/messages';
import type { Part } from './part';

export interface Notice {
  /** Unique in this visit. */
  readonly id: number;
  readonly kind: 'error' | 'warning' | 'info';
  readonly message: Message;
}

export interface NoticesState {
  readonly notices: readonly Notice[];
}

export interface Notices {
  /** One that is not shown yet: for those that appear in one update with what they are about. */
  notice(kind: Notice['kind'], message: Message): Notice;
  inform(message: Message): void;
  /** Shows anything thrown. */
  report(error: unknown): void;
  dismiss(noticeId: number): void;
}

export const INITIAL_NOTICES: NoticesState = { notices: [] };

/** What stays when something new begins: errors and news were about what was before. */
export const warningsOf = ({ notices }: NoticesState): readonly Notice[] =>
  notices.filter(({ kind }) => kind === 'warning');

export function createNotices(part: Part<NoticesState>): Notices {
  let ids = 0;
  const notice: Notices['notice'] = (kind, message) => ({ id: ++ids, kind, message });

  /** The same sentence twice helps nobody: the newer one stays. */
  const show = (added: Notice) =>
    part.setState(({ notices }) => ({
      notices: [...notices.filter(({ message }) => !isSameMessage(message, added.message)), added],
    }));

  return {
    notice,
    inform: (message) => show(notice('info', message)),
    report(error) {
      const { code, parameters } = asAppError(error);
      show(notice('error', { code, parameters }));
    },
    dismiss: (id) => part.setState(({ notices }) => ({ notices: notices.filter((one) => one.id !== id) })),
  };
}
