/**
 * A first look at a whole scan on a coarse grid, so that windows tile only the part that has something to segment: a head
 * in a large field of view is mostly air, face and neck. unetrpp/inference/schemes/first_look.py is the same in Python.
 */

import type { Steps } from '../../core/steps';
import type { PipelineOf } from '../../models/pipelines';
import type { Triple } from '../../volume/grid';
import { largestIsland } from '../../volume/islands';
import { windowStarts } from '../windows/geometry/starts';
import { perAxis } from '../windows/geometry/tiling';
import type { Box } from './nonzero';

type Plan = NonNullable<PipelineOf<'organscope-v1'>['firstLook']>;

/** The coarse grid over the same extent: max(1, floor(n / coarser)) voxels per axis. */
export const coarseDims = (dimsDhw: Triple, coarser: number): Triple =>
  perAxis((axis) => Math.max(1, Math.floor(dimsDhw[axis] / coarser)));

/** Whether a scan has enough windows: more than the first look has, times how much smaller its grid is. */
export function isWorthIt(dimsDhw: Triple, patchDhw: Triple, step: number, coarser: number): boolean {
  const windows = (grid: Triple) =>
    grid.reduce((n, size, axis) => n * windowStarts(Math.max(size, patchDhw[axis]), patchDhw[axis], step).length, 1);
  return windows(coarseDims(dimsDhw, coarser)) * coarser ** 3 < windows(dimsDhw);
}

/** The grid that windows lie on. */
interface Grid {
  readonly dimsDhw: Triple;
  readonly patchDhw: Triple;
  /** mm */
  readonly spacingDhw: Triple;
}

/**
 * Which part of the grid the windows should tile: the smallest box around the largest island of what the first look
 * labelled, with `marginMm` on all sides and as large as a window where the grid is; cut where the grid ends.
 * @param labels (D, H, W) on the coarse grid of `coarseDhw`
 * @returns null where that island is smaller than `leastMl`: then the first look says nothing
 */
export function* boxAround(
  labels: Uint8Array,
  coarseDhw: Triple,
  grid: Grid,
  { marginMm, leastMl }: Plan,
): Steps<Box | null> {
  const { dimsDhw, patchDhw, spacingDhw } = grid;
  const [depth, height, width] = coarseDhw;
  const found = yield* largestIsland({ data: labels, dimsXyz: [width, height, depth] });
  const scales = perAxis((axis) => dimsDhw[axis] / coarseDhw[axis]);
  const product = (triple: Triple) => triple[0] * triple[1] * triple[2];
  if (!found || found.voxels * product(scales) * product(spacingDhw) < 1000 * leastMl) return null;
  const edges = perAxis((axis) => {
    const start = found.startXyz[2 - axis];
    const margin = marginMm / spacingDhw[axis];
    const low = Math.max(0, Math.floor(start * scales[axis] - margin));
    const high = Math.min(dimsDhw[axis], Math.ceil((start + found.dimsXyz[2 - axis]) * scales[axis] + margin));
    const least = Math.min(patchDhw[axis], dimsDhw[axis]);
    if (high - low >= least) return [low, high];
    const from = Math.min(Math.max(0, Math.floor((low + high - least) / 2)), dimsDhw[axis] - least);
    return [from, from + least];
  });
  return { startDhw: perAxis((axis) => edges[axis][0]), dimsDhw: perAxis((axis) => edges[axis][1] - edges[axis][0]) };
}
