import type { ReactNode } from 'react';
import { t } from '../../locales/say';
import styles from './scrollingTable.module.css';

/** A table that may be wider than the page: dozens of structures are. */
export function ScrollingTable({ children }: { children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div className={styles.scrolling} role="group" aria-label={t('table')} tabIndex={0}>
      <table>{children}</table>
    </div>
  );
}
