/** One of several, in a list that opens. */
import { useId } from 'react';
import {
  Select as AriaSelect,
  Button,
  Collection,
  Header,
  Label,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Popover,
  SelectValue,
} from 'react-aria-components';
import { classes } from './classes';
import { DownIcon } from './icons';
import styles from './select.module.css';

export interface Option<T extends string> {
  readonly value: T;
  readonly title: string;
  /** A name that the user gave, e.g. of a file: is never translated. */
  readonly data?: boolean;
}

interface SelectProps<T extends string> {
  readonly label: string;
  /** The label stands elsewhere, and is read here only. */
  readonly labelHidden?: boolean;
  readonly value: T | null;
  readonly onChange: (value: T) => void;
  readonly options: readonly Option<T>[];
  /** Options under a heading, below the others. */
  readonly group?: { readonly title: string; readonly options: readonly Option<T>[] };
  /** Shown while nothing is chosen. */
  readonly placeholder?: string;
  readonly disabled?: boolean;
  readonly tooltip?: string;
  readonly className?: string;
}

export function Select<T extends string>({
  label,
  labelHidden,
  value,
  onChange,
  options,
  group,
  placeholder,
  disabled,
  tooltip,
  className,
}: SelectProps<T>) {
  const valueId = useId();
  const item = ({ value: id, title, data }: Option<T>, grouped: boolean) => (
    <ListBoxItem
      key={id}
      id={id}
      textValue={title}
      className={classes(styles.option, grouped && styles.grouped)}
      translate={data ? 'no' : undefined}
    >
      {title}
    </ListBoxItem>
  );
  const all = [...options, ...(group?.options ?? [])];
  const chosen = all.find((one) => one.value === value);
  return (
    // The list takes every key, also those that would act on the page, and the list is in here for React.
    // biome-ignore lint/a11y/noStaticElementInteractions: keys are only kept from others
    <div className={styles.keys} title={tooltip} onKeyDown={(event) => event.stopPropagation()}>
      <AriaSelect
        className={classes(styles.select, className)}
        aria-label={labelHidden ? label : undefined}
        selectedKey={value}
        onSelectionChange={(key) => key !== null && onChange(key as T)}
        isDisabled={disabled}
        placeholder={placeholder}
      >
        {!labelHidden && <Label className={styles.label}>{label}</Label>}
        <Button className={styles.button}>
          <SelectValue className={styles.value} id={valueId} translate={chosen?.data ? 'no' : undefined}>
            {chosen?.title ?? placeholder}
          </SelectValue>
          <WidthOfWidest titles={[...all.map(({ title }) => title), ...(placeholder ? [placeholder] : [])]} />
          <DownIcon />
        </Button>
        <Popover className={styles.popover} offset={2}>
          <ListBox className={styles.list}>
            {options.map((one) => item(one, false))}
            {group && (
              <ListBoxSection>
                <Header className={styles.heading}>{group.title}</Header>
                <Collection>{group.options.map((one) => item(one, true))}</Collection>
              </ListBoxSection>
            )}
          </ListBox>
        </Popover>
      </AriaSelect>
    </div>
  );
}

/** Keeps what stands beside the list in its place whatever is chosen: takes as much width as the longest title. */
function WidthOfWidest({ titles }: { titles: readonly string[] }) {
  return (
    <span className={styles.widest} aria-hidden="true">
      {titles.map((title) => (
        <span key={title} data-title={title} />
      ))}
    </span>
  );
}
