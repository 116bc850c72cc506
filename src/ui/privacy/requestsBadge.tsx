/** How many requests went to other servers: 0, said beside the promise that it proves. Pressed, it explains itself. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import type { App } from '../../state/app';
import { requestsBeyond } from '../../state/requests';
import { Button } from '../kit/button';
import { classes } from '../kit/classes';
import { ShieldIcon } from '../kit/icons';
import type { DialogName } from '../menu/entries';
import styles from './requestsBadge.module.css';

interface RequestsBadgeProps {
  readonly app: App;
  readonly onDialog: (name: DialogName) => void;
}

export function RequestsBadge({ app, onDialog }: RequestsBadgeProps) {
  const count = useStore(app.state, requestsBeyond);
  return (
    <Button
      look="bare"
      className={classes(styles.badge, count > 0 && styles.alarm)}
      data-testid="requests-badge"
      data-count={count}
      onPress={() => onDialog('privacy')}
    >
      {count === 0 && <ShieldIcon />} {t('requests-count', { count })}
    </Button>
  );
}
