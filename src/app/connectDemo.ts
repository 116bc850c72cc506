/** Has the viewer show what the step of a demonstration says. */
import type { App, AppState } from '../state/app';
import type { RunningDemo } from '../state/demo';
import { DEMOS, type StepView } from '../state/demoScripts';
import { shownLabels, type Unfinished } from '../state/results';
import type { LabelMap } from '../study/document';
import { voxelToCanonical } from '../viewer/geometry/sliceGeometry';
import type { Viewer } from '../viewer/viewer';
import { shownScan, topLabelLayer } from '../viewer/viewport/viewState';
import { middleOf } from '../volume/middleOf';

/** The step that is shown, of which round of which scan: while it is the same, what the presenter does himself stays. */
const placeOf = ({ id, step, round, scan }: RunningDemo) => JSON.stringify([id, step, round, scan]);

/** To be called after connectViewer, which has given the viewer the scan and the masks by then. */
export function connectDemo({ state, study }: App, viewer: Viewer): void {
  const { dispatch } = viewer;
  /** The place whose structure the crosshair has been moved to. */
  let reached = '';
  /** The masks that the step was applied to. */
  let shownFor = '';
  /** The round that has begun from the whole scan. */
  let begun = '';

  const maximise = (plane: StepView['plane']) => {
    const { maximised } = viewer.state.getState();
    const wanted = plane ?? null;
    if (maximised !== wanted) dispatch({ kind: 'maximise', viewport: wanted ?? (maximised as string) });
  };

  /** The whole scan, larger, around its middle. */
  const begin = (zoom: number) => {
    dispatch({ kind: 'reset' });
    dispatch({ kind: 'crosshair-to-middle' });
    for (const [viewport, size] of Object.entries(viewer.state.getState().layout)) {
      if (!size) continue;
      dispatch({ kind: 'zoom', viewport, factor: zoom, at: [size.width / 2, size.height / 2], size });
    }
  };

  const showMasks = ({ masks, only, opacity }: StepView, { labels }: LabelMap | Unfinished) => {
    if (topLabelLayer(viewer.state.getState())?.visible !== masks) dispatch({ kind: 'toggle-labels' });
    if (!masks) return;
    dispatch({ kind: 'show-all-labels' });
    if (only) dispatch({ kind: 'solo-label', ids: idsOf(labels, only) });
    if (opacity !== undefined) dispatch({ kind: 'opacity', value: opacity });
  };

  /** @returns whether there is such a structure in the masks by now */
  const goTo = (name: string, { labels, grid, voxels }: LabelMap | Unfinished): boolean => {
    const [id] = idsOf(labels, [name]);
    const scan = shownScan(viewer.state.getState());
    const middle = id === undefined ? null : middleOf({ ...grid, data: study.voxels.get(voxels) }, id);
    if (!middle || !scan) return false;
    dispatch({ kind: 'crosshair', to: voxelToCanonical(scan.grid, middle) });
    return true;
  };

  const show = (demo: RunningDemo, now: AppState, isNew: boolean) => {
    const { steps, zoom } = DEMOS[demo.id];
    const { view } = steps[demo.step];
    const masks = now.unfinished ?? shownLabels(now);
    if (isNew) {
      reached = '';
      maximise(view.plane);
      if (begun !== roundOf(demo)) begin(zoom);
      begun = roundOf(demo);
    }
    if (!masks) return;
    if (isNew || maskIds(now) !== shownFor) showMasks(view, masks);
    shownFor = maskIds(now);
    const place = placeOf(demo);
    if (view.at !== undefined && reached !== place && goTo(view.at, masks)) reached = place;
  };
  state.subscribe((now, before) => {
    const { demo } = now;
    if (!demo) {
      if (before.demo) maximise(undefined);
      return;
    }
    const isNew = before.demo === null || placeOf(demo) !== placeOf(before.demo);
    if (isNew || now.unfinished !== before.unfinished || now.shownLabelsId !== before.shownLabelsId)
      show(demo, now, isNew);
  });
}

const roundOf = ({ id, round, scan }: RunningDemo) => JSON.stringify([id, round, scan]);

const maskIds = ({ unfinished, shownLabelsId }: AppState) => `${unfinished?.id} ${shownLabelsId}`;

const idsOf = (labels: LabelMap['labels'], names: readonly string[]): number[] =>
  labels.filter(({ name }) => names.includes(name)).map(({ id }) => id);
