/** What the viewer shows, as plain data, and the pure functions that change it. Voxels are not in here. */
import type { Triple } from '../../volume/grid';
import type { OrientationDoubt } from '../../volume/volume';
import { type LabelStyle, toggleSolo } from '../layers/labelColors';
import {
  autoWindow,
  CT_PRESETS,
  dragWindow,
  type GreyWindow,
  type IntensityStats,
  openingWindow,
} from '../layers/windowLevel';
import { type Convention, PLANES, type PlaneId } from '../slice/planes';
import type { CanonicalGrid, PaneSize, PaneView } from '../slice/sliceGeometry';
import { zoomAt } from '../slice/sliceGeometry';

export type OverlayMode = 'fill' | 'outline' | 'both';
export const OVERLAY_MODES: readonly OverlayMode[] = ['fill', 'outline', 'both'];

export interface LoadedScan {
  readonly grid: CanonicalGrid;
  readonly stats: IntensityStats;
  readonly orientationDoubt?: OrientationDoubt;
}

/** A rectangle in the window, CSS pixels from its top left corner. */
export interface WindowRect extends PaneSize {
  readonly left: number;
  readonly top: number;
}

export interface ViewState {
  /** Null until a scan is shown. */
  readonly scan: LoadedScan | null;
  /** 'lost': the browser took the graphics context away and has not given it back yet. */
  readonly graphics: 'ready' | 'uploading' | 'lost';
  /** The user has checked the sides of the scan, which its file leaves in doubt. */
  readonly orientationConfirmed: boolean;
  /** Canonical voxel; its components are the slices of the three panes. */
  readonly crosshair: Triple;
  readonly window: GreyWindow;
  /** Which preset the window is, 'auto', or null after a drag. */
  readonly preset: string | null;
  readonly invert: boolean;
  readonly panes: Readonly<Record<PlaneId, PaneView>>;
  readonly convention: Convention;
  /** The pane that fills the viewer, if any. */
  readonly maximised: PlaneId | null;
  /** The pane that keys act on: the one under the pointer or with the focus. */
  readonly active: PlaneId;
  /** Where the panes that can be seen are. */
  readonly layout: Readonly<Partial<Record<PlaneId, WindowRect>>>;
  /**
   * Where in the window the pointer is, CSS pixels; null when it is outside of the panes. What lies there follows from
   * all of the view and is therefore asked for (`readPlace`), never kept.
   */
  readonly pointer: readonly [x: number, y: number] | null;
  readonly crosshairVisible: boolean;
  readonly labels: readonly LabelStyle[];
  /** Counts changes of the masks' voxels, which are not in here: watch it to read them anew. */
  readonly labelRevision: number;
  readonly hidden: ReadonlySet<number>;
  readonly labelsVisible: boolean;
  /** Of the fill, 0 .. 1; outlines are always solid. */
  readonly opacity: number;
  readonly overlayMode: OverlayMode;
}

const FIT: PaneView = { zoom: 1, panMm: [0, 0] };
const FITTED = { axial: FIT, coronal: FIT, sagittal: FIT } as const;

export const INITIAL_VIEW: ViewState = {
  scan: null,
  graphics: 'ready',
  orientationConfirmed: false,
  crosshair: [0, 0, 0],
  window: { center: 0.5, width: 1 },
  preset: 'auto',
  invert: false,
  panes: FITTED,
  convention: 'radiological',
  maximised: null,
  active: 'axial',
  layout: {},
  pointer: null,
  crosshairVisible: true,
  labels: [],
  labelRevision: 0,
  hidden: new Set(),
  labelsVisible: true,
  opacity: 0.45,
  overlayMode: 'both',
};

export type ViewAction =
  | { readonly kind: 'show-scan'; readonly scan: LoadedScan }
  /** Another image on the same grid: the place, the masks and the zoom stay. */
  | { readonly kind: 'show-channel'; readonly scan: LoadedScan }
  /** The voxels changed; the structures may be the same. */
  | { readonly kind: 'show-labels'; readonly labels: readonly LabelStyle[] }
  | { readonly kind: 'crosshair'; readonly to: Triple }
  | { readonly kind: 'crosshair-to-middle' }
  | { readonly kind: 'step'; readonly plane: PlaneId; readonly by: number }
  | { readonly kind: 'first-slice' | 'last-slice'; readonly plane: PlaneId }
  | { readonly kind: 'drag-window'; readonly dxPx: number; readonly dyPx: number }
  | { readonly kind: 'window'; readonly window: GreyWindow }
  /** A preset's id, or 'auto'. */
  | { readonly kind: 'preset'; readonly id: string }
  /** `mm` on the screen: right and up. */
  | { readonly kind: 'pan'; readonly plane: PlaneId; readonly mm: readonly [number, number] }
  | {
      readonly kind: 'zoom';
      readonly plane: PlaneId;
      readonly factor: number;
      readonly at: readonly [number, number];
      readonly size: PaneSize;
    }
  /** Zoom, pan, window and grey levels as they were when the scan was opened; the crosshair stays. */
  | { readonly kind: 'reset' }
  /** Or back, when that pane is maximised. */
  | { readonly kind: 'maximise'; readonly plane: PlaneId }
  | { readonly kind: 'convention'; readonly convention: Convention }
  | { readonly kind: 'confirm-orientation' }
  | { readonly kind: 'toggle-invert' | 'toggle-crosshair' | 'toggle-labels' | 'cycle-overlay' }
  | { readonly kind: 'overlay'; readonly mode: OverlayMode }
  | { readonly kind: 'opacity'; readonly value: number }
  /** Several ids: a region, which is shown or hidden as one. */
  | { readonly kind: 'toggle-label' | 'solo-label'; readonly ids: readonly number[] }
  | { readonly kind: 'show-all-labels' };

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** The nearest voxel of the scan. */
export function clampToScan(grid: CanonicalGrid, to: Triple): Triple {
  const along = (axis: number) => clamp(Math.round(to[axis]), 0, grid.dims[axis] - 1);
  return [along(0), along(1), along(2)];
}

/** Whether masks are drawn at all. At opacity 0 the user asked for nothing over the image, outlines included. */
export const masksDrawn = ({ labelsVisible, opacity }: ViewState): boolean => labelsVisible && opacity > 0;

const structureIds = ({ labels }: ViewState): number[] => labels.map(({ id }) => id).filter((id) => id !== 0);

/** While masks are off every structure is hidden, as its button says; showing one then shows that one. */
const hiddenNow = (state: ViewState): ReadonlySet<number> =>
  state.labelsVisible ? state.hidden : new Set(structureIds(state));

const middle = (grid: CanonicalGrid): Triple =>
  clampToScan(grid, [(grid.dims[0] - 1) / 2, (grid.dims[1] - 1) / 2, (grid.dims[2] - 1) / 2]);

/** Why the letters of the patient's sides may be wrong; null where they are right, or the user has said so. */
export const orientationDoubt = ({ scan, orientationConfirmed }: ViewState): OrientationDoubt | null =>
  orientationConfirmed ? null : (scan?.orientationDoubt ?? null);

/** What is in the middle of each pane stays there: a pan is a shift on the screen, which is mirrored with the picture. */
function mirrorPanes({ panes, convention }: ViewState, to: Convention): ViewState['panes'] {
  const mirrored = (plane: PlaneId): PaneView => {
    const { rightward } = PLANES[plane];
    const { zoom, panMm } = panes[plane];
    return { zoom, panMm: [panMm[0] * rightward[convention] * rightward[to], panMm[1]] };
  };
  return { axial: mirrored('axial'), coronal: mirrored('coronal'), sagittal: mirrored('sagittal') };
}

/** The next state; actions that need a scan change nothing while there is none. */
export function applyAction(state: ViewState, action: ViewAction): ViewState {
  switch (action.kind) {
    case 'show-scan': {
      const { grid, stats } = action.scan;
      return {
        ...state,
        scan: action.scan,
        orientationConfirmed: false,
        crosshair: middle(grid),
        ...openingWindow(stats),
        panes: FITTED,
        maximised: null,
        labels: [],
        hidden: new Set(),
      };
    }
    case 'show-channel':
      return { ...state, scan: action.scan, ...openingWindow(action.scan.stats) };
    case 'show-labels': {
      const labelRevision = state.labelRevision + 1;
      // The same structures again: what the user has hidden among them stays hidden.
      if (action.labels === state.labels) return { ...state, labelRevision };
      return { ...state, labels: action.labels, labelRevision, hidden: new Set(), labelsVisible: true };
    }
    case 'confirm-orientation':
      return { ...state, orientationConfirmed: true };
    case 'convention':
      return { ...state, convention: action.convention, panes: mirrorPanes(state, action.convention) };
    case 'toggle-invert':
      return { ...state, invert: !state.invert };
    case 'toggle-crosshair':
      return { ...state, crosshairVisible: !state.crosshairVisible };
    case 'toggle-labels':
      return { ...state, labelsVisible: !state.labelsVisible };
    case 'cycle-overlay': {
      const next = (OVERLAY_MODES.indexOf(state.overlayMode) + 1) % OVERLAY_MODES.length;
      return { ...state, overlayMode: OVERLAY_MODES[next] };
    }
    case 'overlay':
      return { ...state, overlayMode: action.mode };
    case 'opacity':
      return { ...state, opacity: clamp(Math.round(action.value * 100) / 100, 0, 1) };
    case 'toggle-label': {
      const hidden = new Set(hiddenNow(state));
      // A region that is shown in part is shown as a whole first.
      const show = action.ids.some((id) => hidden.has(id));
      for (const id of action.ids) show ? hidden.delete(id) : hidden.add(id);
      return { ...state, hidden, labelsVisible: true };
    }
    case 'solo-label':
      return { ...state, hidden: toggleSolo(structureIds(state), hiddenNow(state), action.ids), labelsVisible: true };
    case 'show-all-labels':
      return { ...state, hidden: new Set(), labelsVisible: true };
    case 'maximise':
      return { ...state, maximised: state.maximised === action.plane ? null : action.plane, active: action.plane };
  }
  return state.scan ? applyToScan(state, state.scan, action) : state;
}

type ScanAction = Exclude<ViewAction, { kind: 'show-scan' | 'show-channel' }>;

function applyToScan(state: ViewState, { grid, stats }: LoadedScan, action: ScanAction): ViewState {
  const moveTo = (plane: PlaneId, slice: number): ViewState => {
    const to: [number, number, number] = [...state.crosshair];
    to[PLANES[plane].normal] = slice;
    return { ...state, crosshair: clampToScan(grid, to) };
  };
  switch (action.kind) {
    case 'crosshair':
      return { ...state, crosshair: clampToScan(grid, action.to) };
    case 'crosshair-to-middle':
      return { ...state, crosshair: middle(grid) };
    case 'step':
      return moveTo(action.plane, state.crosshair[PLANES[action.plane].normal] + action.by);
    case 'first-slice':
      return moveTo(action.plane, 0);
    case 'last-slice':
      return moveTo(action.plane, grid.dims[PLANES[action.plane].normal] - 1);
    case 'drag-window':
      return { ...state, window: dragWindow(state.window, action.dxPx, action.dyPx, stats), preset: null };
    case 'window':
      return { ...state, window: action.window, preset: null };
    case 'preset': {
      if (action.id === 'auto') return { ...state, window: autoWindow(stats), preset: 'auto' };
      const preset = CT_PRESETS.find(({ id }) => id === action.id);
      return preset ? { ...state, window: { center: preset.center, width: preset.width }, preset: preset.id } : state;
    }
    case 'pan': {
      const view = state.panes[action.plane];
      const panMm: [number, number] = [view.panMm[0] + action.mm[0], view.panMm[1] + action.mm[1]];
      return { ...state, panes: { ...state.panes, [action.plane]: { ...view, panMm } } };
    }
    case 'zoom': {
      const { plane, size, factor, at } = action;
      const view = zoomAt(grid, plane, state.convention, size, state.panes[plane], factor, at[0], at[1]);
      return { ...state, panes: { ...state.panes, [plane]: view } };
    }
    case 'reset':
      return { ...state, panes: FITTED, ...openingWindow(stats), invert: false };
  }
  return state;
}
