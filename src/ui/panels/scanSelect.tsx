/** One of the open scans. */
import { t } from '../../locales/say';
import type { Scan, ScanId } from '../../study/document';
import { type Option, Select } from '../kit/select';
import styles from './scansPanel.module.css';

interface ScanSelectProps {
  readonly label: string;
  readonly scans: readonly Scan[];
  readonly value: ScanId | null;
  /** Whether none may be chosen. */
  readonly optional: boolean;
  readonly disabled?: boolean;
  readonly onChange: (value: ScanId | null) => void;
}

const NONE = 'none';

export function ScanSelect({ label, scans, value, optional, disabled, onChange }: ScanSelectProps) {
  const options = scans.map(({ id, name }): Option<string> => ({ value: id, title: name, data: true }));
  const none: Option<string>[] = optional || value === null ? [{ value: NONE, title: t('choose-scan') }] : [];
  return (
    <Select
      label={label}
      labelHidden
      className={styles.select}
      options={[...none, ...options]}
      value={value ?? NONE}
      disabled={disabled}
      onChange={(chosen) => onChange(scans.find(({ id }) => id === chosen)?.id ?? null)}
    />
  );
}
