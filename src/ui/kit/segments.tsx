/** One of a few, all of them in sight. Stands in a fieldset, whose legend says what is chosen. */
import { useId } from 'react';
import styles from './segments.module.css';

interface SegmentsProps<T extends string> {
  readonly options: readonly { readonly value: T; readonly title: string }[];
  readonly value: T;
  readonly onChange: (value: T) => void;
}

export function Segments<T extends string>({ options, value, onChange }: SegmentsProps<T>) {
  const name = useId();
  return (
    <span className={styles.segments}>
      {options.map((one) => (
        <label key={one.value} className={styles.segment}>
          <input type="radio" name={name} checked={one.value === value} onChange={() => onChange(one.value)} />
          <span>{one.title}</span>
        </label>
      ))}
    </span>
  );
}
