/**
 * The one dialog of the page, over the browser's own: it lies above everything, keeps the focus in and gives it back,
 * and Escape closes it.
 */
import { type ReactNode, useEffect, useId, useRef } from 'react';
import { t } from '../../locales/say';
import { classes } from './classes';
import styles from './dialog.module.css';
import { IconButton } from './iconButton';
import { CloseIcon } from './icons';

interface DialogProps {
  /** Truthy while it is open. A new value opens it again where the user has closed it meanwhile. */
  readonly open: unknown;
  readonly title: ReactNode;
  /** The user closed it. */
  readonly onClose: () => void;
  /** Has just been opened; for the focus, which else goes to the first control. */
  readonly onOpen?: (dialog: HTMLDialogElement) => void;
  /** Without a close button, where an answer is wanted. Escape still closes it. */
  readonly answersOnly?: boolean;
  /** The title stays in sight while the rest is scrolled. */
  readonly stickyHead?: boolean;
  readonly testId?: string;
  readonly className?: string;
  readonly children: ReactNode;
}

export function Dialog({
  open,
  title,
  onClose,
  onOpen,
  answersOnly,
  stickyHead,
  testId,
  className,
  children,
}: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const heading = <h2 id={titleId}>{title}</h2>;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is done on opening is done once
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return;
    if (!open) dialog.close();
    else if (!dialog.open) {
      dialog.showModal();
      onOpen?.(dialog);
    }
  }, [open]);
  return (
    <dialog
      ref={ref}
      className={classes(styles.dialog, stickyHead && styles.stickyHead, className)}
      aria-labelledby={titleId}
      data-testid={testId}
      // The event comes late: by then the page may have closed it itself, or opened it again.
      onClose={() => open && !ref.current?.open && onClose()}
    >
      {answersOnly ? (
        heading
      ) : (
        <div className={styles.head}>
          {heading}
          <IconButton name={t('close')} onPress={onClose}>
            <CloseIcon />
          </IconButton>
        </div>
      )}
      {children}
    </dialog>
  );
}
