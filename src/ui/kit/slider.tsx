/** A number between two ends. */
import type { CSSProperties } from 'react';
import { Slider as AriaSlider, SliderThumb, SliderTrack } from 'react-aria-components';
import { classes } from './classes';
import styles from './slider.module.css';

interface SliderProps {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  readonly onChange: (value: number) => void;
  readonly disabled?: boolean;
  readonly className?: string;
}

export function Slider({ name, min, max, step, value, onChange, disabled, className }: SliderProps) {
  const share = { '--share': `${(100 * (value - min)) / (max - min)}%` } as CSSProperties;
  return (
    <AriaSlider
      aria-label={name}
      className={classes(styles.slider, className)}
      minValue={min}
      maxValue={max}
      step={step}
      value={value}
      onChange={onChange}
      isDisabled={disabled}
    >
      <SliderTrack className={styles.track} style={share}>
        <SliderThumb className={styles.thumb} />
      </SliderTrack>
    </AriaSlider>
  );
}
