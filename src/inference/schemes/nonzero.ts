/** The part of a scan that is not exactly zero: what nnU-Net crops to, and what it may confine its statistics to. */
import { InvalidInputError } from '../../core/errors';
import type { Triple, VoxelArray } from '../../volume/grid';

/** Voxels start .. start + dims - 1 of a grid. */
export interface Box {
  readonly startDhw: Triple;
  readonly dimsDhw: Triple;
}

/**
 * The smallest box around the voxels that satisfy `isInside` in any channel.
 * @param channels each (D, H, W)
 * @returns null when there is no such voxel
 */
export function boundingBox(
  channels: readonly VoxelArray[],
  [depth, height, width]: Triple,
  isInside: (value: number) => boolean,
): Box | null {
  const low = [depth, height, width];
  const high = [-1, -1, -1];
  for (const data of channels) {
    for (let d = 0, row = 0; d < depth; d++) {
      for (let h = 0; h < height; h++, row += width) {
        let first = 0;
        while (first < width && !isInside(data[row + first])) first++;
        if (first === width) continue;
        let last = width - 1;
        while (!isInside(data[row + last])) last--;
        for (const [axis, from, to] of [
          [0, d, d],
          [1, h, h],
          [2, first, last],
        ] as const) {
          if (from < low[axis]) low[axis] = from;
          if (to > high[axis]) high[axis] = to;
        }
      }
    }
  }
  if (high[0] < 0) return null;
  return {
    startDhw: low as unknown as Triple,
    dimsDhw: high.map((end, axis) => end - low[axis] + 1) as unknown as Triple,
  };
}

/** @throws InvalidInputError('empty-volume') when every voxel of every channel is 0 */
export function nonzeroBox(channels: readonly VoxelArray[], dimsDhw: Triple): Box {
  const box = boundingBox(channels, dimsDhw, (value) => value !== 0);
  if (box) return box;
  throw new InvalidInputError('empty-volume');
}

/**
 * 1 where any channel is not zero, and in every hole of that which 6-connected steps cannot reach from outside; else 0
 * (scipy.ndimage.binary_fill_holes with its default structure). Filling the cropped volume fills what filling the whole
 * would: around the box lie zeros only, and they reach the edge in a straight line.
 * @param channels each (D, H, W), cropped to nonzeroBox
 */
export function filledMask(channels: readonly VoxelArray[], [depth, height, width]: Triple): Uint8Array {
  const OUTSIDE = 2;
  const mask = new Uint8Array(depth * height * width);
  for (const data of channels) for (let i = 0; i < mask.length; i++) if (data[i] !== 0) mask[i] = 1;

  const plane = height * width;
  // Voxels from which the outside still has to spread along their row.
  const open: number[] = [];
  const isEdge = (d: number, h: number) => d === 0 || d === depth - 1 || h === 0 || h === height - 1;
  for (let d = 0, row = 0; d < depth; d++) {
    for (let h = 0; h < height; h++, row += width) {
      if (isEdge(d, h)) for (let w = 0; w < width; w++) mask[row + w] === 0 && open.push(row + w);
      else open.push(row, row + width - 1);
    }
  }
  for (let seed = open.pop(); seed !== undefined; seed = open.pop()) {
    if (mask[seed] !== 0) continue;
    const row = seed - (seed % width);
    let first = seed;
    while (first > row && mask[first - 1] === 0) first--;
    let end = seed + 1;
    while (end < row + width && mask[end] === 0) end++;
    mask.fill(OUTSIDE, first, end);
    const h = Math.floor(row / width) % height;
    const d = Math.floor(row / plane);
    for (const [exists, step] of [
      [h > 0, -width],
      [h < height - 1, width],
      [d > 0, -plane],
      [d < depth - 1, plane],
    ] as const) {
      if (!exists) continue;
      for (let i = first + step; i < end + step; i++) {
        // One seed per run of zeros in the neighbouring row is enough.
        if (mask[i] === 0 && (i === first + step || mask[i - 1] !== 0)) open.push(i);
      }
    }
  }
  for (let i = 0; i < mask.length; i++) mask[i] = mask[i] === OUTSIDE ? 0 : 1;
  return mask;
}
