/**
 * Where the windows lie: nnU-Net v1's tiling, one axis at a time. The window grid is the Cartesian product of the three
 * axes, which is what lets gaussian.ts normalise its weights per axis.
 */
import { InternalError } from '../../../core/errors';
import type { Triple } from '../../../volume/grid';

/** Nearest integer; ties go to the even one, as numpy.round does. 2.5 -> 2, 3.5 -> 4. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * Window starts along one axis, in voxels, ascending, evenly spread; the first is 0, the last ends flush with the axis.
 * 110 voxels, patch 64, step 0.5 -> [0, 23, 46].
 * @param size voxels along the axis, at least `patch` (see padToPatch)
 * @param step largest distance between starts, as a fraction of the patch, in (0, 1]
 */
export function windowStarts(size: number, patch: number, step: number): number[] {
  if (size < patch)
    throw new InternalError('invariant', {
      what: `windowStarts: the axis (${size}) must be padded to the patch (${patch}) first.`,
    });
  const room = size - patch;
  const count = Math.ceil(room / (patch * step)) + 1;
  if (count === 1) return [0];
  // In this order, as nnU-Net: (i * room) / (count - 1) would be a half in other places.
  const distance = room / (count - 1);
  return Array.from({ length: count }, (_, i) => roundHalfEven(distance * i));
}

/** How a grid sits inside the grid the windows run over. */
export interface Padding {
  /** The grid that windows and probabilities lie on: max(size, patch) per axis. */
  readonly paddedDhw: Triple;
  /** Voxels of the padded grid before the first one of the model grid, floor(missing / 2). */
  readonly belowDhw: Triple;
}

/** Grows every axis that is shorter than the patch to the patch, symmetrically; an odd voxel goes to the far side. */
export function padToPatch(dimsDhw: Triple, patchDhw: Triple): Padding {
  const padded = dimsDhw.map((size, axis) => Math.max(size, patchDhw[axis]));
  const below = dimsDhw.map((size, axis) => Math.floor((padded[axis] - size) / 2));
  return { paddedDhw: padded as unknown as Triple, belowDhw: below as unknown as Triple };
}
