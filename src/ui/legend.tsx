/** The structures and the regions they make up: colour, name, volume, and whether each is shown. */
import { useStore } from 'zustand';
import { chosenModel } from '../models/entries';
import type { App } from '../state/app';
import { listedStructures, shownLabels } from '../state/results';
import { isBusy } from '../state/status';
import type { Viewer } from '../viewer/viewer';
import { topLabelLayer } from '../viewer/viewport/viewState';
import { regionSize } from '../volume/statistics';
import { formatMl } from './format';
import { EyeIcon, EyeOffIcon, SoloIcon } from './icons';
import { ResultOrigin, RunReport } from './resultOrigin';

const NONE: ReadonlySet<number> = new Set();

/** What one row stands for: a structure, or a region of several. */
interface Listed {
  readonly key: string;
  readonly name: string;
  readonly color: readonly [number, number, number];
  readonly ids: readonly number[];
}

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
    <Row
      key={listed.key}
      listed={listed}
      ml={sizes && regionSize(listed.ids, sizes).ml}
      drawn={drawn}
      shown={visible ? listed.ids.filter((id) => !hidden.has(id)).length : 0}
      viewer={viewer}
    />
  );
  return (
    <section className="card legend" data-testid="legend">
      <div className="legend-head">
        <h2>Structures</h2>
        {drawn && (hidden.size > 0 || !visible) && (
          <button type="button" className="link" onClick={() => viewer.dispatch({ kind: 'show-all-labels' })}>
            Show all
          </button>
        )}
        {drawn && (
          <span
            className="visually-hidden"
            role="status"
          >{`${visible ? shown : 0} of ${structures.length} shown`}</span>
        )}
      </div>
      <ResultOrigin app={app} />
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" className="ml">
              ml
            </th>
            <th scope="col">
              <span className="visually-hidden">Show</span>
            </th>
          </tr>
        </thead>
        <tbody>{structures.map(row)}</tbody>
        {joined.length > 0 && (
          <tbody data-testid="regions">
            <tr>
              <th scope="rowgroup" colSpan={3} className="legend-group">
                Regions, of several structures
              </th>
            </tr>
            {joined.map(row)}
          </tbody>
        )}
      </table>
      {!busy && <RunReport app={app} />}
    </section>
  );
}

interface RowProps {
  readonly listed: Listed;
  /** Null while it is not known. */
  readonly ml: number | null;
  /** Whether masks are on the screen, to be shown and hidden. */
  readonly drawn: boolean;
  /** How many of its structures are shown. */
  readonly shown: number;
  readonly viewer: Viewer;
}

function Row({ listed: { key, name, color, ids }, ml, drawn, shown, viewer }: RowProps) {
  const solo = () => viewer.dispatch({ kind: 'solo-label', ids });
  const all = shown === ids.length;
  return (
    <tr data-label={key} data-hidden={(drawn && shown === 0) || undefined}>
      <th scope="row">
        <span className="swatch" style={{ background: `rgb(${color.join(' ')})` }} aria-hidden="true" />
        {name}
      </th>
      <td className="ml">{ml === null ? <span className="muted">–</span> : formatMl(ml)}</td>
      <td className="legend-buttons">
        {drawn && (
          <>
            <button
              type="button"
              className="icon-button solo"
              aria-label={`Show only ${name}`}
              title="Show only this"
              onClick={solo}
            >
              <SoloIcon />
            </button>
            <button
              type="button"
              className="icon-button eye"
              aria-label={`Show ${name}`}
              aria-pressed={all ? true : shown > 0 ? 'mixed' : false}
              title="Show or hide (Alt-click: show only this)"
              onClick={(event) => (event.altKey ? solo() : viewer.dispatch({ kind: 'toggle-label', ids }))}
            >
              {all ? <EyeIcon /> : <EyeOffIcon />}
            </button>
          </>
        )}
      </td>
    </tr>
  );
}
