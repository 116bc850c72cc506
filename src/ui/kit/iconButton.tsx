/** A button that shows a sign instead of words. */
import { Button, type ButtonProps } from 'react-aria-components';
import styles from './button.module.css';
import { classes } from './classes';
import { Tooltip } from './tooltip';

interface IconButtonProps extends Omit<ButtonProps, 'className' | 'style' | 'aria-label'> {
  /** What it is called: it has no words of its own. */
  readonly name: string;
  /** More than the name says, e.g. a key or a modifier. */
  readonly tooltip?: string;
  readonly className?: string;
}

export function IconButton({ name, tooltip, className, ...props }: IconButtonProps) {
  const button = <Button {...props} aria-label={name} className={classes(styles.icon, className)} />;
  return tooltip ? <Tooltip text={tooltip}>{button}</Tooltip> : button;
}
