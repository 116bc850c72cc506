/**
 * What lies under the pointer. Pure, and asked for anew after every change of the view: a wheel, a key, a zoom or another
 * scan changes it as much as a move of the pointer does.
 */
import type { Triple } from '../../volume/grid';
import { PLANE_IDS, PLANES, type PlaneId } from '../slice/planes';
import { type PaneSize, type Projection, projection, screenToCanonical } from '../slice/sliceGeometry';
import { clampToScan, masksDrawn, type ViewState, type WindowRect } from './viewState';

/** The mapping of a pane of the given size, or null without a scan. */
export function paneProjection(view: ViewState, plane: PlaneId, size: PaneSize): Projection | null {
  const { scan, convention, panes } = view;
  return scan && size.width > 0 && size.height > 0
    ? projection(scan.grid, plane, convention, size, panes[plane])
    : null;
}

/** Canonical position (fractional) of a point of the window that belongs to a pane, whether or not it is inside of it. */
export function placeInPane(view: ViewState, plane: PlaneId, rect: WindowRect, x: number, y: number): Triple | null {
  const mapping = paneProjection(view, plane, rect);
  return mapping && screenToCanonical(mapping, view.crosshair[PLANES[plane].normal], x - rect.left, y - rect.top);
}

/** The nearest voxel under the pointer; null when the pointer is over no pane or beside the scan. */
function pointedVoxel(view: ViewState): Triple | null {
  const { pointer, layout, scan } = view;
  if (!pointer || !scan) return null;
  const [x, y] = pointer;
  for (const plane of PLANE_IDS) {
    const rect = layout[plane];
    if (!rect || x < rect.left || y < rect.top || x >= rect.left + rect.width || y >= rect.top + rect.height) continue;
    const place = placeInPane(view, plane, rect, x, y);
    if (!place) return null;
    const voxel = clampToScan(scan.grid, place);
    return voxel.every((index, axis) => index === Math.round(place[axis])) ? voxel : null;
  }
  return null;
}

/** The canonical voxel that the status line is about: the pointer's or else the crosshair's. Null without a scan. */
export function readPlace(view: ViewState): { readonly of: 'pointer' | 'crosshair'; readonly at: Triple } | null {
  if (!view.scan) return null;
  const pointed = pointedVoxel(view);
  return pointed ? { of: 'pointer', at: pointed } : { of: 'crosshair', at: view.crosshair };
}

/** What may be said of a voxel's label: a structure that is not drawn is not named. */
export function isLabelShown(view: ViewState, id: number): boolean {
  return masksDrawn(view) && !view.hidden.has(id);
}
