/** A button that opens a list of things to do. */
import { Menu as AriaMenu, Button, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import buttonStyles from './button.module.css';
import { classes } from './classes';
import { MenuIcon } from './icons';
import styles from './menu.module.css';

export interface MenuEntry {
  readonly id: string;
  readonly title: string;
  readonly onAction: () => void;
  readonly isDisabled?: boolean;
}

interface MenuProps {
  /** What the button is called: it shows a sign only. */
  readonly name: string;
  readonly entries: readonly MenuEntry[];
  readonly className?: string;
}

/**
 * The list gives the focus back to its button a frame after it has closed. A dialog that opened before would find the
 * focus on what is gone, and could not give it back in turn.
 */
const whenClosed = (action: () => void) => () => void requestAnimationFrame(() => requestAnimationFrame(action));

export function Menu({ name, entries, className }: MenuProps) {
  return (
    <MenuTrigger>
      <Button aria-label={name} className={classes(buttonStyles.button, buttonStyles.square, className)}>
        <MenuIcon />
      </Button>
      <Popover className={styles.popover} offset={2} placement="bottom end">
        <AriaMenu className={styles.menu}>
          {entries.map(({ id, title, onAction, isDisabled }) => (
            <MenuItem key={id} id={id} className={styles.item} onAction={whenClosed(onAction)} isDisabled={isDisabled}>
              {title}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
