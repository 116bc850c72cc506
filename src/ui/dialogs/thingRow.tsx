/** One thing that this browser keeps or could keep: what it is for, how much of it is here, and what can be done. */
import type { ReactNode } from 'react';
import { Muted } from '../kit/text';
import styles from './thingRow.module.css';

interface ThingRowProps {
  readonly name: string;
  /** The name is data, of no language. */
  readonly isData?: boolean;
  readonly use: string;
  readonly state: string;
  readonly isHere: boolean;
  /** Buttons. */
  readonly children?: ReactNode;
}

export const ThingRow = ({ name, isData, use, state, isHere, children }: ThingRowProps) => (
  <li className={styles.row} data-thing={name}>
    <div className={styles.what}>
      <span translate={isData ? 'no' : undefined}>{name}</span>
      <Muted>{use}</Muted>
    </div>
    <span className={styles.state} data-here={isHere || undefined}>
      {state}
    </span>
    <div className={styles.actions}>{children}</div>
  </li>
);
