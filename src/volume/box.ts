/** A box of voxels: what of a volume is meant, or has changed. */
import type { Triple } from './grid';

/** The voxels startXyz .. startXyz + dimsXyz - 1, as stored. */
export interface Box {
  readonly startXyz: Triple;
  readonly dimsXyz: Triple;
}

/** All of a volume. */
export const wholeBox = (dimsXyz: Triple): Box => ({ startXyz: [0, 0, 0], dimsXyz });

/** The smallest box that holds both. */
export function joinBoxes(a: Box, b: Box): Box {
  const start = a.startXyz.map((from, axis) => Math.min(from, b.startXyz[axis]));
  const end = a.startXyz.map((from, axis) => Math.max(from + a.dimsXyz[axis], b.startXyz[axis] + b.dimsXyz[axis]));
  return {
    startXyz: [start[0], start[1], start[2]],
    dimsXyz: [end[0] - start[0], end[1] - start[1], end[2] - start[2]],
  };
}
