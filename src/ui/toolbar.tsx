/** The line above the panes: which scan this is, and how it is shown. */
import { useStore } from 'zustand';
import { say, t } from '../locales/say';
import type { App } from '../state/app';
import { shownScan } from '../state/scans';
import { isBusy } from '../state/status';
import type { Convention } from '../viewer/geometry/planes';
import { OVERLAY_MODES, type OverlayMode } from '../viewer/layers/layer';
import { CT_PRESETS } from '../viewer/layers/windowPresets';
import type { Viewer } from '../viewer/viewer';
import {
  masksMode,
  masksOpacity,
  shownScanLayer,
  topLabelLayer,
  shownScan as viewedScan,
} from '../viewer/viewport/viewState';
import type { LooksLike } from '../volume/intensity';
import { OpenButton } from './fileOpening';
import { formatDims, formatSpacing } from './format';
import { OpenIcon } from './icons';

const CT_GROUP: Readonly<Record<LooksLike, string>> = {
  CT: 'CT',
  unknown: 'CT (this scan may not be CT)',
  MR: 'CT (this scan does not look like CT)',
};

const MODE_TITLES: Readonly<Record<OverlayMode, string>> = { fill: 'Fill', outline: 'Outline', both: 'Both' };

export function Toolbar({ app, viewer, onHelp }: { app: App; viewer: Viewer; onHelp: () => void }) {
  const scan = useStore(app.state, shownScan);
  const reading = useStore(app.state, ({ readingName }) => readingName && t('reading', { name: readingName }));
  const busy = useStore(app.state, (now) => isBusy(now.status));
  return (
    <header className="toolbar">
      <h1 className="brand">
        <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="22" height="22" />
        <span>Organscope</span>
      </h1>
      {scan && (
        <div className="file" data-testid="file">
          <span className="file-name" title={scan.name}>
            {reading ?? scan.name}
          </span>
          <span
            className="file-grid"
            title={`${formatDims(scan.grid.dimsXyz)} voxels, ${formatSpacing(scan.grid.spacingXyz)}`}
          >
            {formatDims(scan.grid.dimsXyz)} voxels <span aria-hidden="true">·</span>{' '}
            {formatSpacing(scan.grid.spacingXyz)}
          </span>
        </div>
      )}
      <div className="toolbar-end">
        <WindowSelect viewer={viewer} />
        <ConventionSelect viewer={viewer} />
        <MaskControls viewer={viewer} />
        <span className="toolbar-buttons">
          <OpenButton app={app} className="button" disabled={busy}>
            <OpenIcon /> Open…
          </OpenButton>
          <button
            type="button"
            className="button button-square"
            aria-label="Keys and mouse"
            title="Keys and mouse (?)"
            onClick={onHelp}
          >
            ?
          </button>
        </span>
      </div>
    </header>
  );
}

function WindowSelect({ viewer }: { viewer: Viewer }) {
  const preset = useStore(viewer.state, (view) => shownScanLayer(view)?.style.preset);
  const looksLike = useStore(viewer.state, (view) => viewedScan(view)?.stats.looksLike ?? 'unknown');
  return (
    <label className="control">
      <span className="control-name">Window</span>
      <select
        value={preset ?? 'manual'}
        onChange={(event) => viewer.dispatch({ kind: 'preset', id: event.target.value })}
      >
        <option value="auto">Automatic</option>
        {preset === null && <option value="manual">By hand</option>}
        <optgroup label={CT_GROUP[looksLike]}>
          {CT_PRESETS.map(({ id, title }) => (
            <option key={id} value={id}>
              {say(title)}
            </option>
          ))}
        </optgroup>
      </select>
    </label>
  );
}

function ConventionSelect({ viewer }: { viewer: Viewer }) {
  const convention = useStore(viewer.state, (view) => view.convention);
  return (
    <label className="control" title="Radiological: the patient's right is on the left of the image">
      <span className="control-name">Sides</span>
      <select
        value={convention}
        onChange={(event) => viewer.dispatch({ kind: 'convention', convention: event.target.value as Convention })}
      >
        <option value="radiological">Radiological</option>
        <option value="neurological">Neurological</option>
      </select>
    </label>
  );
}

function MaskControls({ viewer }: { viewer: Viewer }) {
  const hasLabels = useStore(viewer.state, (view) => topLabelLayer(view) !== null);
  const mode = useStore(viewer.state, masksMode);
  const opacity = useStore(viewer.state, masksOpacity);
  return (
    <fieldset className="control masks" disabled={!hasLabels}>
      <legend className="control-name">Masks</legend>
      <span className="segments">
        {OVERLAY_MODES.map((one) => (
          <label key={one} className="segment">
            <input
              type="radio"
              name="overlay-mode"
              checked={mode === one}
              onChange={() => viewer.dispatch({ kind: 'overlay', mode: one })}
            />
            <span>{MODE_TITLES[one]}</span>
          </label>
        ))}
      </span>
      <input
        type="range"
        aria-label="Mask opacity"
        min={0}
        max={100}
        step={5}
        value={Math.round(opacity * 100)}
        onChange={(event) => viewer.dispatch({ kind: 'opacity', value: Number(event.target.value) / 100 })}
      />
      <span className="opacity">{Math.round(opacity * 100)} %</span>
    </fieldset>
  );
}
