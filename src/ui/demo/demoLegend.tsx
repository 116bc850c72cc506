/** The structures that a demonstration lists, with their volumes, large. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import { chosenModel } from '../../models/entries';
import type { App } from '../../state/app';
import { listedStructures, shownLabels } from '../../state/results';
import type { Viewer } from '../../viewer/viewer';
import { topLabelLayer } from '../../viewer/viewport/viewState';
import { regionSize } from '../../volume/statistics';
import { formatMl } from '../format';
import { Swatch } from '../kit/swatch';
import styles from './demoPage.module.css';

interface DemoLegendProps {
  readonly app: App;
  readonly viewer: Viewer;
  /** Names of structures, in the order of the rows. */
  readonly listed: readonly string[];
}

export function DemoLegend({ app, viewer, listed }: DemoLegendProps) {
  const result = useStore(app.state, shownLabels);
  const unfinished = useStore(app.state, (now) => now.unfinished);
  const model = useStore(app.state, (now) => chosenModel(now)?.manifest);
  const hidden = useStore(viewer.state, (view) => topLabelLayer(view)?.style.hidden);
  const { labels, sizes } = listedStructures(result, unfinished, model);
  const rows = listed.flatMap((name) => labels.find((label) => label.name === name) ?? []);
  if (rows.length === 0) return null;
  const alone = hidden !== undefined && hidden.size > 0;
  return (
    <table className={styles.legend} data-testid="demo-legend">
      <thead className={styles.unseen}>
        <tr>
          <th scope="col">{t('name')}</th>
          <th scope="col" translate="no">
            ml
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ id, name, color }) => (
          <tr key={id} data-shown={alone ? !hidden.has(id) : undefined}>
            <th scope="row" translate="no">
              <Swatch color={color} />
              <span>{name}</span>
            </th>
            <td translate="no">{sizes ? `${formatMl(regionSize([id], sizes).ml)} ml` : ''}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <td colSpan={2}>{t('demo-more', { count: labels.length - 1 - rows.length })}</td>
        </tr>
      </tfoot>
    </table>
  );
}
