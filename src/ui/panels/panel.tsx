/** One subject of the side panel. */
import type { ComponentProps, ReactNode } from 'react';
import { classes } from '../kit/classes';
import styles from './panel.module.css';

interface PanelProps extends Omit<ComponentProps<'section'>, 'title'> {
  readonly title?: string;
  /** At the other end of the title's line. */
  readonly beside?: ReactNode;
}

export function Panel({ title, beside, className, children, ...section }: PanelProps) {
  const heading = title && <h2>{title}</h2>;
  return (
    <section {...section} className={classes(styles.panel, className)}>
      {beside ? (
        <div className={styles.head}>
          {heading}
          {beside}
        </div>
      ) : (
        heading
      )}
      {children}
    </section>
  );
}
