/** A button with words on it. */
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components';
import styles from './button.module.css';
import { classes } from './classes';

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'style'> {
  /** 'primary' for the one thing that most visitors want next; 'link' in a line of text; 'bare': `className` says all. */
  readonly look?: 'plain' | 'primary' | 'link' | 'bare';
  readonly size?: 'small' | 'medium' | 'large';
  /** As wide as high, for one sign. */
  readonly square?: boolean;
  /** Of the place that it stands in, for its position and width. */
  readonly className?: string;
}

export function Button({ look = 'plain', size = 'medium', square, className, ...props }: ButtonProps) {
  const shape = { plain: styles.button, primary: styles.button, link: styles.link, bare: undefined }[look];
  return (
    <AriaButton
      {...props}
      className={classes(
        shape,
        look === 'primary' && styles.primary,
        size === 'large' && styles.large,
        size === 'small' && styles.small,
        square && styles.square,
        className,
      )}
    />
  );
}
