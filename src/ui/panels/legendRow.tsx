/** One row of the legend: a structure, or a region of several. */
import { t } from '../../locales/say';
import type { Viewer } from '../../viewer/viewer';
import { formatMl } from '../format';
import { IconButton } from '../kit/iconButton';
import { EyeIcon, EyeOffIcon, SoloIcon } from '../kit/icons';
import { Swatch } from '../kit/swatch';
import { MutedSpan } from '../kit/text';
import styles from './legend.module.css';

/** What one row stands for. */
export interface Listed {
  readonly key: string;
  readonly name: string;
  readonly color: readonly [number, number, number];
  /** Labels. */
  readonly ids: readonly number[];
}

interface LegendRowProps {
  readonly listed: Listed;
  /** Null while it is not known. */
  readonly ml: number | null;
  /** Whether masks are on the screen, to be shown and hidden. */
  readonly drawn: boolean;
  /** How many of its structures are shown. */
  readonly shown: number;
  readonly viewer: Pick<Viewer, 'dispatch'>;
}

export function LegendRow({ listed: { key, name, color, ids }, ml, drawn, shown, viewer }: LegendRowProps) {
  const solo = () => viewer.dispatch({ kind: 'solo-label', ids });
  const all = shown === ids.length;
  return (
    <tr data-label={key} data-hidden={(drawn && shown === 0) || undefined}>
      <th scope="row" translate="no">
        <Swatch color={color} />
        {name}
      </th>
      <td className={styles.ml} data-testid="ml" translate="no">
        {ml === null ? <MutedSpan>–</MutedSpan> : formatMl(ml)}
      </td>
      <td className={styles.buttons}>
        {drawn && (
          <>
            <IconButton
              name={t('show-only', { name })}
              tooltip={t('show-only-tooltip')}
              className={styles.solo}
              onPress={solo}
            >
              <SoloIcon />
            </IconButton>
            <IconButton
              name={t('show-one', { name })}
              tooltip={t('show-one-tooltip')}
              aria-pressed={all ? true : shown > 0 ? 'mixed' : false}
              onPress={({ altKey }) => (altKey ? solo() : viewer.dispatch({ kind: 'toggle-label', ids }))}
            >
              {all ? <EyeIcon /> : <EyeOffIcon />}
            </IconButton>
          </>
        )}
      </td>
    </tr>
  );
}
