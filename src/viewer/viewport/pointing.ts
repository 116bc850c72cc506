/**
 * What lies under the pointer. Pure, and asked for anew after every change of the view: a wheel, a key, a zoom or another
 * scan changes it as much as a move of the pointer does.
 */
import type { Triple } from '../../volume/grid';
import { PLANES } from '../geometry/planes';
import { type PaneSize, type Projection, projection, screenToCanonical } from '../geometry/sliceGeometry';
import type { Viewport, ViewportId } from './viewport';
import { clampToScan, shownScan, type ViewState, viewportOf, type WindowRect } from './viewState';

/** The mapping of a viewport of the given size, or null without a scan. */
export function sliceProjection(view: ViewState, { plane, camera }: Viewport, size: PaneSize): Projection | null {
  const scan = shownScan(view);
  return scan && size.width > 0 && size.height > 0 ? projection(scan.grid, plane, view.convention, size, camera) : null;
}

/** Canonical position (fractional) of a point of the window that belongs to a viewport, whether or not it is inside of it. */
export function placeInViewport(
  view: ViewState,
  id: ViewportId,
  rect: WindowRect,
  x: number,
  y: number,
): Triple | null {
  const viewport = viewportOf(view, id);
  const mapping = sliceProjection(view, viewport, rect);
  const slice = view.crosshair[PLANES[viewport.plane].normal];
  return mapping && screenToCanonical(mapping, slice, x - rect.left, y - rect.top);
}

/** The nearest voxel under the pointer; null when the pointer is over no viewport or beside the scan. */
function pointedVoxel(view: ViewState): Triple | null {
  const { pointer, layout, viewports } = view;
  const scan = shownScan(view);
  if (!pointer || !scan) return null;
  const [x, y] = pointer;
  for (const { id } of viewports) {
    const rect = layout[id];
    if (!rect || x < rect.left || y < rect.top || x >= rect.left + rect.width || y >= rect.top + rect.height) continue;
    const place = placeInViewport(view, id, rect, x, y);
    if (!place) return null;
    const voxel = clampToScan(scan.grid, place);
    return voxel.every((index, axis) => index === Math.round(place[axis])) ? voxel : null;
  }
  return null;
}

/** The canonical voxel that the status line is about: the pointer's or else the crosshair's. Null without a scan. */
export function readPlace(view: ViewState): { readonly of: 'pointer' | 'crosshair'; readonly at: Triple } | null {
  if (!shownScan(view)) return null;
  const pointed = pointedVoxel(view);
  return pointed ? { of: 'pointer', at: pointed } : { of: 'crosshair', at: view.crosshair };
}
