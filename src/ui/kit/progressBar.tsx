/** How far something is. */
import styles from './progressBar.module.css';

/** @param fraction 0 .. 1; null while it is not known */
export const ProgressBar = ({ name, fraction }: { name: string; fraction: number | null }) => (
  <progress className={styles.bar} aria-label={name} {...(fraction === null ? {} : { value: fraction })} />
);
