/** What the viewer shows, as plain data, and questions to it. Voxels are not in here. */
import { InternalError } from '../../core/errors';
import type { LabelMapId, ScanId } from '../../study/document';
import type { Triple } from '../../volume/grid';
import type { OrientationDoubt } from '../../volume/volume';
import type { Convention } from '../geometry/planes';
import type { CanonicalGrid, PaneSize } from '../geometry/sliceGeometry';
import {
  FIRST_DEFAULTS,
  isDrawn,
  type LabelLayer,
  type LayerDefaults,
  type OverlayMode,
  type ScanLayer,
} from '../layers/layer';
import type { LabelFacts, ScanFacts } from '../layers/sources';
import { THREE_PLANES, type Viewport, type ViewportId } from './viewport';

/** A rectangle in the window, CSS pixels from its top left corner. */
export interface WindowRect extends PaneSize {
  readonly left: number;
  readonly top: number;
}

export interface ViewState {
  readonly scans: Readonly<Record<ScanId, ScanFacts>>;
  readonly labelMaps: Readonly<Record<LabelMapId, LabelFacts>>;
  readonly viewports: readonly Viewport[];
  /** While set, of all masks those of this label map alone are shown: a run's finished slices, for example. */
  readonly onlyLabelMap: LabelMapId | null;
  readonly defaults: LayerDefaults;
  /** 'lost': the browser took the graphics context away and has not given it back yet. */
  readonly graphics: 'ready' | 'uploading' | 'lost';
  /** The user has checked the sides of the scan, which its file leaves in doubt. */
  readonly orientationConfirmed: boolean;
  /** Canonical voxel, shared by all viewports; its components are the slices of the three planes. */
  readonly crosshair: Triple;
  readonly crosshairVisible: boolean;
  readonly convention: Convention;
  /** The viewport that fills the viewer, if any. */
  readonly maximised: ViewportId | null;
  /** The viewport that keys act on: the one under the pointer or with the focus. */
  readonly active: ViewportId;
  /** Where the viewports that can be seen are. */
  readonly layout: Readonly<Partial<Record<ViewportId, WindowRect>>>;
  /**
   * Where in the window the pointer is, CSS pixels; null when it is outside of the viewports. What lies there follows
   * from all of the view and is therefore asked for (`readPlace`), never kept.
   */
  readonly pointer: readonly [x: number, y: number] | null;
}

export const INITIAL_VIEW: ViewState = {
  scans: {},
  labelMaps: {},
  viewports: THREE_PLANES,
  onlyLabelMap: null,
  defaults: FIRST_DEFAULTS,
  graphics: 'ready',
  orientationConfirmed: false,
  crosshair: [0, 0, 0],
  crosshairVisible: true,
  convention: 'radiological',
  maximised: null,
  active: THREE_PLANES[0].id,
  layout: {},
  pointer: null,
};

/** @throws InternalError('no-such-viewport') where there is no such viewport */
export function viewportOf({ viewports }: ViewState, id: ViewportId): Viewport {
  const viewport = viewports.find((one) => one.id === id);
  if (!viewport) throw new InternalError('no-such-viewport', { id });
  return viewport;
}

/** The scan layer of a viewport; null while no scan is shown. */
export const scanLayerOf = ({ layers }: Viewport): ScanLayer | null =>
  layers.find((layer) => layer.kind === 'scan') ?? null;

/** The layer of the scan whose grid the crosshair is on; null until a scan is shown. */
export const shownScanLayer = ({ viewports }: ViewState): ScanLayer | null => scanLayerOf(viewports[0]);

/** The scan whose grid the crosshair is on; null until a scan is shown. */
export function shownScan(view: ViewState): ScanFacts | null {
  const layer = shownScanLayer(view);
  return layer && view.scans[layer.sourceId];
}

/** Whether masks of a layer can be on the screen, as far as the others go. */
export const isOnShow = ({ onlyLabelMap }: ViewState, { sourceId }: LabelLayer): boolean =>
  onlyLabelMap === null || onlyLabelMap === sourceId;

/** The layers with masks of a viewport from the bottom up, the ones that the user has switched off included. */
export const shownLabelLayers = (view: ViewState, viewport: Viewport = view.viewports[0]): readonly LabelLayer[] =>
  viewport.layers.filter((layer) => layer.kind === 'labels').filter((layer) => isOnShow(view, layer));

/** The layer with masks that lies on top; null without masks. */
export const topLabelLayer = (view: ViewState): LabelLayer | null => shownLabelLayers(view).at(-1) ?? null;

/** Whether masks are drawn at all. */
export const masksDrawn = (view: ViewState): boolean => shownLabelLayers(view).some(isDrawn);

/** How masks are drawn, and would be if there were any. */
export const masksMode = (view: ViewState): OverlayMode => topLabelLayer(view)?.style.mode ?? view.defaults.mode;
export const masksOpacity = (view: ViewState): number => topLabelLayer(view)?.opacity ?? view.defaults.opacity;

/** Why the letters of the patient's sides may be wrong; null where they are right, or the user has said so. */
export const orientationDoubt = (view: ViewState): OrientationDoubt | null =>
  view.orientationConfirmed ? null : (shownScan(view)?.orientationDoubt ?? null);

/** The nearest voxel of the scan. */
export function clampToScan(grid: CanonicalGrid, to: Triple): Triple {
  const along = (axis: number) => Math.min(grid.dims[axis] - 1, Math.max(0, Math.round(to[axis])));
  return [along(0), along(1), along(2)];
}
