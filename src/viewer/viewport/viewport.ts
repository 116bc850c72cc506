/** A viewport: a rectangle of the page that shows layers from somewhere. Plain data. */

import { type Convention, PLANE_IDS, PLANES, type PlaneId } from '../geometry/planes';
import type { PaneView } from '../geometry/sliceGeometry';
import type { Layer } from '../layers/layer';

export type ViewportId = string;

/** A slice through the crosshair. */
export interface SliceViewport {
  readonly id: ViewportId;
  readonly kind: 'slice';
  readonly plane: PlaneId;
  readonly camera: PaneView;
  /** From the bottom up: a scan, then masks over it. Viewports that show the same share one array. */
  readonly layers: readonly Layer[];
}

/** Another kind of viewport (a volume, for example) is one more of these. */
export type Viewport = SliceViewport;

const FITTED: PaneView = { zoom: 1, panMm: [0, 0] };

/** One viewport a plane, named after it. */
export const THREE_PLANES: readonly Viewport[] = PLANE_IDS.map((plane) => ({
  id: plane,
  kind: 'slice',
  plane,
  camera: FITTED,
  layers: [],
}));

/** The whole slice in the middle. */
export const fitted = (viewport: Viewport): Viewport => ({ ...viewport, camera: FITTED });

/** What is in the middle stays there: a pan is a shift on the screen, which is mirrored with the picture. */
export function mirrored(viewport: Viewport, from: Convention, to: Convention): Viewport {
  const { rightward } = PLANES[viewport.plane];
  const { zoom, panMm } = viewport.camera;
  return { ...viewport, camera: { zoom, panMm: [panMm[0] * rightward[from] * rightward[to], panMm[1]] } };
}

/** Changes layers; viewports that shared an array share the new one. */
export function mapLayers(
  viewports: readonly Viewport[],
  change: (layers: readonly Layer[]) => readonly Layer[],
): readonly Viewport[] {
  const changed = new Map<readonly Layer[], readonly Layer[]>();
  const once = (layers: readonly Layer[]) => {
    const known = changed.get(layers) ?? change(layers);
    changed.set(layers, known);
    return known;
  };
  return viewports.map((viewport) => {
    const layers = once(viewport.layers);
    return layers === viewport.layers ? viewport : { ...viewport, layers };
  });
}
