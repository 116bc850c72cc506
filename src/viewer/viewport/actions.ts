/** Everything that can change the view, and the pure function that does it. */
import type { LabelMapId } from '../../study/document';
import type { Triple } from '../../volume/grid';
import { type Convention, PLANES } from '../geometry/planes';
import { type CanonicalGrid, type PaneSize, zoomAt } from '../geometry/sliceGeometry';
import type { GreyWindow } from '../layers/greyWindow';
import { OVERLAY_MODES, type OverlayMode, type ScanStyle } from '../layers/layer';
import type { LabelFacts, ScanFacts } from '../layers/sources';
import { dragWindow, openingWindow, presetWindow } from '../layers/windowLevel';
import {
  changeMasks,
  type MaskAction,
  showChannel,
  showLabelMaps,
  showScan,
  withMasksStyle,
  withScanStyle,
} from './layerActions';
import { fitted, mirrored, type SliceViewport, type ViewportId } from './viewport';
import { clampToScan, masksMode, shownScan, type ViewState, viewportOf } from './viewState';

export type ViewAction =
  | { readonly kind: 'show-scan'; readonly scan: ScanFacts }
  /** Another image on the same grid: the place, the masks and the zoom stay. */
  | { readonly kind: 'show-channel'; readonly scan: ScanFacts }
  /** From the bottom up, instead of those that are there. */
  | { readonly kind: 'show-label-maps'; readonly maps: readonly LabelFacts[]; readonly only: LabelMapId | null }
  | { readonly kind: 'crosshair'; readonly to: Triple }
  | { readonly kind: 'crosshair-to-middle' }
  | { readonly kind: 'step'; readonly viewport: ViewportId; readonly by: number }
  | { readonly kind: 'first-slice' | 'last-slice'; readonly viewport: ViewportId }
  | { readonly kind: 'drag-window'; readonly dxPx: number; readonly dyPx: number }
  | { readonly kind: 'window'; readonly window: GreyWindow }
  /** A preset's id, or 'auto'. */
  | { readonly kind: 'preset'; readonly id: string }
  /** `mm` on the screen: right and up. */
  | { readonly kind: 'pan'; readonly viewport: ViewportId; readonly mm: readonly [number, number] }
  | {
      readonly kind: 'zoom';
      readonly viewport: ViewportId;
      readonly factor: number;
      readonly at: readonly [number, number];
      readonly size: PaneSize;
    }
  /** Zoom, pan, window and grey levels as they were when the scan was opened; the crosshair stays. */
  | { readonly kind: 'reset' }
  /** Or back, when that viewport is maximised. */
  | { readonly kind: 'maximise'; readonly viewport: ViewportId }
  | { readonly kind: 'convention'; readonly convention: Convention }
  | { readonly kind: 'confirm-orientation' }
  | { readonly kind: 'toggle-invert' | 'toggle-crosshair' | 'cycle-overlay' }
  | { readonly kind: 'overlay'; readonly mode: OverlayMode }
  | { readonly kind: 'opacity'; readonly value: number }
  | MaskAction;

/** The next state; actions that need a scan change nothing while there is none. */
export function applyAction(state: ViewState, action: ViewAction): ViewState {
  switch (action.kind) {
    case 'show-scan':
      return { ...showScan(state, action.scan), crosshair: middle(action.scan.grid) };
    case 'show-channel':
      return showChannel(state, action.scan);
    case 'show-label-maps':
      return showLabelMaps(state, action.maps, action.only);
    case 'confirm-orientation':
      return { ...state, orientationConfirmed: true };
    case 'convention': {
      const viewports = state.viewports.map((one) => mirrored(one, state.convention, action.convention));
      return { ...state, convention: action.convention, viewports };
    }
    case 'toggle-invert':
      return withInvert(state, !state.defaults.invert);
    case 'toggle-crosshair':
      return { ...state, crosshairVisible: !state.crosshairVisible };
    case 'toggle-labels':
    case 'toggle-label':
    case 'solo-label':
    case 'show-all-labels':
      return changeMasks(state, action);
    case 'cycle-overlay':
      return withMasksStyle(state, {
        mode: OVERLAY_MODES[(OVERLAY_MODES.indexOf(masksMode(state)) + 1) % OVERLAY_MODES.length],
      });
    case 'overlay':
      return withMasksStyle(state, { mode: action.mode });
    case 'opacity':
      return withMasksStyle(state, { opacity: Math.min(1, Math.max(0, Math.round(action.value * 100) / 100)) });
    case 'maximise': {
      const maximised = state.maximised === action.viewport ? null : action.viewport;
      return { ...state, maximised, active: action.viewport };
    }
  }
  const scan = shownScan(state);
  return scan ? applyToScan(state, scan, action) : state;
}

const middle = (grid: CanonicalGrid): Triple =>
  clampToScan(grid, [(grid.dims[0] - 1) / 2, (grid.dims[1] - 1) / 2, (grid.dims[2] - 1) / 2]);

const withInvert = (state: ViewState, invert: boolean): ViewState => ({
  ...withScanStyle(state, (style) => ({ ...style, invert })),
  defaults: { ...state.defaults, invert },
});

function withViewport(state: ViewState, id: ViewportId, change: (viewport: SliceViewport) => SliceViewport): ViewState {
  viewportOf(state, id);
  return { ...state, viewports: state.viewports.map((one) => (one.id === id ? change(one) : one)) };
}

type ShowAction = { readonly kind: 'show-scan' | 'show-channel' | 'show-label-maps' };

function applyToScan(state: ViewState, { grid, stats }: ScanFacts, action: Exclude<ViewAction, ShowAction>): ViewState {
  const normalOf = (id: ViewportId) => PLANES[viewportOf(state, id).plane].normal;
  const moveTo = (id: ViewportId, slice: number): ViewState => {
    const to: [number, number, number] = [...state.crosshair];
    to[normalOf(id)] = slice;
    return { ...state, crosshair: clampToScan(grid, to) };
  };
  const withWindow = (change: (style: ScanStyle) => Pick<ScanStyle, 'window' | 'preset'>) =>
    withScanStyle(state, (style) => ({ ...style, ...change(style) }));
  switch (action.kind) {
    case 'crosshair':
      return { ...state, crosshair: clampToScan(grid, action.to) };
    case 'crosshair-to-middle':
      return { ...state, crosshair: middle(grid) };
    case 'step':
      return moveTo(action.viewport, state.crosshair[normalOf(action.viewport)] + action.by);
    case 'first-slice':
      return moveTo(action.viewport, 0);
    case 'last-slice':
      return moveTo(action.viewport, grid.dims[normalOf(action.viewport)] - 1);
    case 'drag-window':
      return withWindow(({ window }) => ({
        window: dragWindow(window, action.dxPx, action.dyPx, stats),
        preset: null,
      }));
    case 'window':
      return withWindow(() => ({ window: action.window, preset: null }));
    case 'preset': {
      const window = presetWindow(action.id, stats);
      return window ? withWindow(() => ({ window, preset: action.id })) : state;
    }
    case 'pan':
      return withViewport(state, action.viewport, ({ camera: { zoom, panMm }, ...viewport }) => ({
        ...viewport,
        camera: { zoom, panMm: [panMm[0] + action.mm[0], panMm[1] + action.mm[1]] },
      }));
    case 'zoom': {
      const { size, factor, at } = action;
      return withViewport(state, action.viewport, (viewport) => ({
        ...viewport,
        camera: zoomAt(grid, viewport.plane, state.convention, size, viewport.camera, factor, at[0], at[1]),
      }));
    }
    case 'reset': {
      const opening = withInvert(
        withWindow(() => openingWindow(stats)),
        false,
      );
      return { ...opening, viewports: opening.viewports.map(fitted) };
    }
  }
  return state;
}
