/**
 * Where a pixel of a pane lies in the scan, and back. Three coordinate systems:
 * - screen: CSS pixels from the pane's top left corner, y down;
 * - canonical: voxel indices reordered and flipped so that axis 0 grows to the Right, 1 to Anterior, 2 to Superior,
 *   along the scan's own axes (oblique scans are not resampled); a whole number is a voxel centre;
 * - voxel: indices as stored in the file. World mm (RAS+) come from the affine.
 */
import { apply, obliquityDegrees } from '../../volume/affine';
import { toRas } from '../../volume/canonical';
import type { Affine, Grid, Triple } from '../../volume/grid';
import { type Convention, PLANES, type PlaneId } from './planes';

/** A scan's grid, seen in canonical order. */
export interface CanonicalGrid {
  readonly dims: Triple;
  /** mm */
  readonly spacing: Triple;
  /** Which stored axis each canonical axis is. */
  readonly permutation: Triple;
  /** Where the stored axis runs towards Left, Posterior or Inferior. */
  readonly flips: readonly [boolean, boolean, boolean];
  /** Canonical index to world mm. */
  readonly affine: Affine;
  /** Largest angle between a stored axis and the nearest patient axis. */
  readonly obliqueDegrees: number;
}

/** A stored grid with its axes renamed, and where necessary turned round, to the patient's nearest ones. */
export function canonicalGrid(grid: Grid): CanonicalGrid {
  const { permutation, flips, grid: ras } = toRas(grid);
  return {
    dims: ras.dimsXyz,
    spacing: ras.spacingXyz,
    permutation,
    flips,
    affine: ras.affine,
    obliqueDegrees: obliquityDegrees(grid.affine),
  };
}

/** Canonical (may be fractional) to stored voxel indices. */
export function canonicalToVoxel(grid: CanonicalGrid, canonical: Triple): Triple {
  const voxel: [number, number, number] = [0, 0, 0];
  for (let axis = 0; axis < 3; axis++) {
    voxel[grid.permutation[axis]] = grid.flips[axis] ? grid.dims[axis] - 1 - canonical[axis] : canonical[axis];
  }
  return voxel;
}

/** The inverse of canonicalToVoxel. */
export const voxelToCanonical = ({ permutation, flips, dims }: CanonicalGrid, voxel: Triple): Triple => {
  const along = (axis: 0 | 1 | 2) =>
    flips[axis] ? dims[axis] - 1 - voxel[permutation[axis]] : voxel[permutation[axis]];
  return [along(0), along(1), along(2)];
};

/** Sizes of the stored axes. */
function storedDims(grid: CanonicalGrid): Triple {
  const dims: [number, number, number] = [0, 0, 0];
  for (let axis = 0; axis < 3; axis++) dims[grid.permutation[axis]] = grid.dims[axis];
  return dims;
}

/** Canonical indices to world mm, axes Right, Anterior, Superior. */
export function canonicalToWorld(grid: CanonicalGrid, canonical: Triple): Triple {
  return apply(grid.affine, canonical);
}

/** Position of the voxel in `data`, or -1 outside the scan. Canonical indices are rounded. */
export function dataIndex(grid: CanonicalGrid, canonical: Triple): number {
  const [i, j, k] = canonicalToVoxel(grid, canonical).map(Math.round);
  const [nx, ny, nz] = storedDims(grid);
  if (i < 0 || j < 0 || k < 0 || i >= nx || j >= ny || k >= nz) return -1;
  return i + nx * (j + ny * k);
}

/**
 * Where a pane samples the 3-D texture of the stored voxels: coordinate = origin + u * across + v * up, with (u, v) from
 * (0, 0) in the pane's lower left corner to (1, 1) in the upper right. A voxel's centre is (index + 0.5) / size.
 */
export interface SampledPlane {
  readonly origin: Triple;
  readonly across: Triple;
  readonly up: Triple;
}

/** @param slice canonical index along the plane's normal */
export function sampledPlane(grid: CanonicalGrid, p: Projection, slice: number): SampledPlane {
  const dims = storedDims(grid);
  const at = (xPx: number, yPx: number): Triple => {
    const voxel = canonicalToVoxel(grid, screenToCanonical(p, slice, xPx, yPx));
    return [(voxel[0] + 0.5) / dims[0], (voxel[1] + 0.5) / dims[1], (voxel[2] + 0.5) / dims[2]];
  };
  const origin = at(0, p.size.height);
  const minus = (a: Triple): Triple => [a[0] - origin[0], a[1] - origin[1], a[2] - origin[2]];
  return { origin, across: minus(at(p.size.width, p.size.height)), up: minus(at(0, 0)) };
}

/** Zoom 1 fits the slice; `panMm` moves the image right and up. */
export interface PaneView {
  readonly zoom: number;
  readonly panMm: readonly [right: number, up: number];
}

export interface PaneSize {
  readonly width: number;
  readonly height: number;
}

/** How a plane of the scan lies in its pane. */
export interface Projection {
  readonly plane: PlaneId;
  readonly mmPerPixel: number;
  /** Canonical steps per pixel to the right, and per pixel up. */
  readonly stepRight: number;
  readonly stepUp: number;
  /** Canonical position under the pane's centre. */
  readonly centre: readonly [horizontal: number, vertical: number];
  readonly size: PaneSize;
}

/** Empty border around a fitted slice, as a fraction of the pane; leaves room for the letters. */
const FIT_MARGIN = 0.06;

/** @param size of the pane, CSS pixels */
export function projection(
  grid: CanonicalGrid,
  plane: PlaneId,
  convention: Convention,
  size: PaneSize,
  view: PaneView,
): Projection {
  const { horizontal: h, vertical: v, rightward } = PLANES[plane];
  const widthMm = grid.dims[h] * grid.spacing[h];
  const heightMm = grid.dims[v] * grid.spacing[v];
  const room = 1 - 2 * FIT_MARGIN;
  const fit = Math.max(widthMm / (size.width * room), heightMm / (size.height * room));
  const mmPerPixel = fit / view.zoom;
  const direction = rightward[convention];
  return {
    plane,
    mmPerPixel,
    stepRight: (direction * mmPerPixel) / grid.spacing[h],
    stepUp: mmPerPixel / grid.spacing[v],
    centre: [
      (grid.dims[h] - 1) / 2 - (direction * view.panMm[0]) / grid.spacing[h],
      (grid.dims[v] - 1) / 2 - view.panMm[1] / grid.spacing[v],
    ],
    size,
  };
}

/** @param slice canonical index along the plane's normal */
export function screenToCanonical(p: Projection, slice: number, xPx: number, yPx: number): Triple {
  const { normal, horizontal, vertical } = PLANES[p.plane];
  const canonical: [number, number, number] = [0, 0, 0];
  canonical[normal] = slice;
  canonical[horizontal] = p.centre[0] + (xPx - p.size.width / 2) * p.stepRight;
  canonical[vertical] = p.centre[1] + (p.size.height / 2 - yPx) * p.stepUp;
  return canonical;
}

/** CSS pixels from the pane's top left corner, of any voxel seen along the plane's normal. */
export function canonicalToScreen(p: Projection, canonical: Triple): readonly [xPx: number, yPx: number] {
  const { horizontal, vertical } = PLANES[p.plane];
  return [
    p.size.width / 2 + (canonical[horizontal] - p.centre[0]) / p.stepRight,
    p.size.height / 2 - (canonical[vertical] - p.centre[1]) / p.stepUp,
  ];
}

/**
 * Zooms by `factor` and keeps what is under (xPx, yPx) where it is.
 * @returns zoom within 0.25 .. 40
 */
export function zoomAt(
  grid: CanonicalGrid,
  plane: PlaneId,
  convention: Convention,
  size: PaneSize,
  view: PaneView,
  factor: number,
  xPx: number,
  yPx: number,
): PaneView {
  const zoom = Math.min(40, Math.max(0.25, view.zoom * factor));
  const before = projection(grid, plane, convention, size, view).mmPerPixel;
  const after = (before * view.zoom) / zoom;
  const right = xPx - size.width / 2;
  const up = size.height / 2 - yPx;
  return {
    zoom,
    panMm: [view.panMm[0] + right * (after - before), view.panMm[1] + up * (after - before)],
  };
}

/** A second letter joins the first when the axis leans this far towards another one. */
const SECOND_LETTER_FROM_DEGREES = 15;

/** Patient letters of a world direction, strongest first: [-1, 0, 0] -> "L", [0.9, 0.43, 0] -> "RA". */
export function directionLetters(direction: Triple): string {
  const threshold = Math.sin((SECOND_LETTER_FROM_DEGREES * Math.PI) / 180);
  const length = Math.hypot(...direction);
  return ([0, 1, 2] as const)
    .map((axis) => ({
      size: Math.abs(direction[axis]) / length,
      letter: direction[axis] > 0 ? 'RAS'[axis] : 'LPI'[axis],
    }))
    .filter(({ size }) => size > threshold)
    .sort((a, b) => b.size - a.size)
    .slice(0, 2)
    .map(({ letter }) => letter)
    .join('');
}

export interface EdgeLetters {
  readonly left: string;
  readonly right: string;
  readonly top: string;
  readonly bottom: string;
}

/**
 * Letters for the four edges of a pane. Read off the affine by walking from one pixel to another, the same way pixels
 * are drawn, so that a letter cannot disagree with the picture.
 * @param inDoubt marks every edge with a question mark
 */
export function edgeLetters(grid: CanonicalGrid, p: Projection, inDoubt = false): EdgeLetters {
  const walk = (fromX: number, fromY: number, toX: number, toY: number) => {
    const a = canonicalToWorld(grid, screenToCanonical(p, 0, fromX, fromY));
    const b = canonicalToWorld(grid, screenToCanonical(p, 0, toX, toY));
    return `${directionLetters([b[0] - a[0], b[1] - a[1], b[2] - a[2]])}${inDoubt ? '?' : ''}`;
  };
  const { width, height } = p.size;
  return {
    left: walk(width, 0, 0, 0),
    right: walk(0, 0, width, 0),
    top: walk(0, height, 0, 0),
    bottom: walk(0, 0, 0, height),
  };
}
