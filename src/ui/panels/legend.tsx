/** The structures and the regions they make up: colour, name, volume, and whether each is shown. */
import { useStore } from 'zustand';
import { t } from '../../locales/say';
import { chosenModel } from '../../models/entries';
import type { App } from '../../state/app';
import { listedStructures, shownLabels } from '../../state/results';
import { isBusy } from '../../state/status';
import type { Viewer } from '../../viewer/viewer';
import { topLabelLayer } from '../../viewer/viewport/viewState';
import { regionSize } from '../../volume/statistics';
import { Button } from '../kit/button';
import { HiddenText } from '../kit/text';
import styles from './legend.module.css';
import { LegendRow, type Listed } from './legendRow';
import { Panel } from './panel';
import { ResultOrigin } from './resultOrigin';
import { RunReport } from './runReport';

const NONE: ReadonlySet<number> = new Set();

export function Legend({ app, viewer }: { app: App; viewer: Viewer }) {
  const result = useStore(app.state, shownLabels);
  const unfinished = useStore(app.state, (now) => now.unfinished);
  const model = useStore(app.state, (now) => chosenModel(now)?.manifest);
  const busy = useStore(app.state, (now) => isBusy(now.status));
  const layer = useStore(viewer.state, topLabelLayer);
  const hidden = layer?.style.hidden ?? NONE;
  const visible = layer?.visible ?? true;
  const { labels, regions, sizes, drawn } = listedStructures(result, unfinished, model);
  const structures = labels
    .filter(({ id }) => id !== 0)
    .map(({ id, name, color }): Listed => ({ key: String(id), name, color, ids: [id] }));
  const joined = regions.map(({ name, color, labels: ids }, at): Listed => ({ key: `region-${at}`, name, color, ids }));
  if (structures.length === 0) return null;
  const shown = structures.length - structures.filter(({ ids }) => hidden.has(ids[0])).length;
  const row = (listed: Listed) => (
    <LegendRow
      key={listed.key}
      listed={listed}
      ml={sizes && regionSize(listed.ids, sizes).ml}
      drawn={drawn}
      shown={visible ? listed.ids.filter((id) => !hidden.has(id)).length : 0}
      viewer={viewer}
    />
  );
  return (
    <Panel className={styles.legend} data-testid="legend">
      <div className={styles.head}>
        <h2>{t('structures-title')}</h2>
        {drawn && (hidden.size > 0 || !visible) && (
          <Button look="link" onPress={() => viewer.dispatch({ kind: 'show-all-labels' })}>
            {t('show-all')}
          </Button>
        )}
        {drawn && (
          <HiddenText role="status">
            {t('shown-of', { shown: visible ? shown : 0, count: structures.length })}
          </HiddenText>
        )}
      </div>
      <ResultOrigin app={app} />
      <table>
        <thead>
          <tr>
            <th scope="col">{t('name')}</th>
            <th scope="col" className={styles.ml} translate="no">
              ml
            </th>
            <th scope="col">
              <HiddenText>{t('show')}</HiddenText>
            </th>
          </tr>
        </thead>
        <tbody>{structures.map(row)}</tbody>
        {joined.length > 0 && (
          <tbody data-testid="regions">
            <tr>
              <th scope="rowgroup" colSpan={3} className={styles.group}>
                {t('regions')}
              </th>
            </tr>
            {joined.map(row)}
          </tbody>
        )}
      </table>
      {!busy && <RunReport app={app} />}
    </Panel>
  );
}
