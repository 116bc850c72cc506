/** Short facts of a model in one line. */
import type { ReactNode } from 'react';
import { classes } from '../kit/classes';
import styles from './factsLine.module.css';

export const FactsLine = ({ className, children }: { className?: string; children: ReactNode }) => (
  <p className={classes(styles.facts, className)}>{children}</p>
);
