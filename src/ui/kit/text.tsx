/** Ways in which words stand back. */
import type { ComponentProps } from 'react';
import { classes } from './classes';
import styles from './text.module.css';

/** A paragraph that explains what stands beside it. */
export const Muted = ({ className, ...props }: ComponentProps<'p'>) => (
  <p {...props} className={classes(styles.muted, className)} />
);

/** The same in the middle of a line. */
export const MutedSpan = ({ className, ...props }: ComponentProps<'span'>) => (
  <span {...props} className={classes(styles.muted, className)} />
);

/** For screen readers only. */
export const HiddenText = (props: ComponentProps<'span'>) => <span {...props} className={styles.hidden} data-unseen />;
