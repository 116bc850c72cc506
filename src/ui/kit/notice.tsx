/** Something the user should know, in sentences, where it concerns them. */
import type { ReactNode } from 'react';
import { t } from '../../locales/say';
import { classes } from './classes';
import { IconButton } from './iconButton';
import { CloseIcon } from './icons';
import styles from './notice.module.css';

export type NoticeKind = 'error' | 'warning' | 'info' | 'done';

interface NoticeProps {
  readonly kind: NoticeKind;
  /** How a screen reader says it: 'alert' at once, 'status' when there is a pause. None: it is part of what is read. */
  readonly role?: 'alert' | 'status';
  /** Of the error, for tests. */
  readonly code?: string;
  /** The user has read it; without, it stays. */
  readonly onDismiss?: () => void;
  readonly className?: string;
  readonly children: ReactNode;
}

const LOOK: Readonly<Record<NoticeKind, string | undefined>> = {
  error: styles.error,
  warning: styles.warning,
  info: undefined,
  done: styles.done,
};

export function Notice({ kind, role, code, onDismiss, className, children }: NoticeProps) {
  return (
    <div className={classes(styles.notice, LOOK[kind], className)} role={role} data-notice={kind} data-code={code}>
      {children}
      {onDismiss && (
        <IconButton name={t('dismiss')} className={styles.dismiss} onPress={onDismiss}>
          <CloseIcon />
        </IconButton>
      )}
    </div>
  );
}
