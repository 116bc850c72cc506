/** The colour of a structure, beside its name. */
import styles from './swatch.module.css';

/** @param color red, green, blue: 0 .. 255 */
export const Swatch = ({ color }: { color: readonly [number, number, number] }) => (
  <span className={styles.swatch} data-swatch style={{ background: `rgb(${color.join(' ')})` }} aria-hidden="true" />
);
