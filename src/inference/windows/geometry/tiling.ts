/**
 * Windows and their weights, as the executors take them: one list of starts and of weights per axis. How each published
 * sliding window lays them, on nothing but the size of a grid.
 */

import type { PipelineOf } from '../../../models/pipelines';
import type { Triple } from '../../../volume/grid';
import { gaussianWeights, normalizedWeights, shareOut } from './gaussian';
import { type Padding, padToPatch, windowStarts } from './starts';

/** Where the windows of a grid lie, and what each counts where several overlap. Axes are D, H, W. */
export interface Tiling extends Padding {
  readonly patchDhw: Triple;
  /** First voxel of every window, per axis, ascending from 0, counted on the padded grid. */
  readonly starts: readonly [readonly number[], readonly number[], readonly number[]];
  /** Weights of every window, per axis: `patch` numbers each, which sum to 1 over the windows at every voxel. */
  readonly weights: readonly [readonly Float64Array[], readonly Float64Array[], readonly Float64Array[]];
  /**
   * MONAI's importance map, which is not a product of one factor per axis: a voxel's weight in a window is
   * max(product of `weights`, this), divided by what all windows have there; `weights` are not normalised then.
   */
  readonly weightFloor?: number;
}

/** D, H, W from a function of the axis. */
export const perAxis = <T>(make: (axis: 0 | 1 | 2) => T): [T, T, T] => [make(0), make(1), make(2)];

/**
 * nnU-Net's windows and Gaussian. v1 leaves the Gaussian out when there is one window, which normalised weights do by
 * themselves. v2 keeps its Gaussian in half precision with a maximum of 10: that rounds weights by up to 1 part in 2000
 * and raises those below 3e-8 of the maximum, which lie in the corners of a patch and count only where a neighbour
 * counts a thousand times more; labels can differ at near-ties only.
 */
export function nnunetTiling(
  dimsDhw: Triple,
  patchDhw: Triple,
  { step, sigmaScale }: PipelineOf<'nnunet-v1'>['tiling'],
): Tiling {
  const { paddedDhw, belowDhw } = padToPatch(dimsDhw, patchDhw);
  const starts = perAxis((axis) => windowStarts(paddedDhw[axis], patchDhw[axis], step));
  const weights = perAxis((axis) => normalizedWeights(starts[axis], patchDhw[axis], paddedDhw[axis], sigmaScale));
  return { patchDhw, paddedDhw, belowDhw, starts, weights };
}

/**
 * Window starts of MONAI's sliding_window_inference along one axis: every floor(patch * (1 - overlap)) voxels, the last
 * window flush with the end. 110 voxels, patch 64, overlap 0.5 -> [0, 32, 46].
 * @param size at least `patch`
 */
export function monaiStarts(size: number, patch: number, overlap: number): number[] {
  const interval = size === patch ? patch : Math.max(1, Math.floor(patch * (1 - overlap)));
  const starts = [0];
  while (starts[starts.length - 1] + patch < size) starts.push(Math.min(starts.length * interval, size - patch));
  return starts;
}

/** MONAI clamps its importance map from below to this, or to its own minimum where that is larger. */
const MONAI_LEAST_WEIGHT = 1e-3;

/**
 * MONAI's windows. Its Gaussian is clamped to at least 0.001, most of a patch's rim, so its weights are not a product of
 * one factor per axis: they come unnormalised, with the floor.
 */
export function monaiTiling(
  dimsDhw: Triple,
  patchDhw: Triple,
  { overlap, mode, sigmaScale }: PipelineOf<'monai'>['tiling'],
): Tiling {
  const { paddedDhw, belowDhw } = padToPatch(dimsDhw, patchDhw);
  const starts = perAxis((axis) => monaiStarts(paddedDhw[axis], patchDhw[axis], overlap));
  const tiling = { patchDhw, paddedDhw, belowDhw, starts };
  const windows = starts[0].length * starts[1].length * starts[2].length;
  if (mode === 'constant' || windows === 1) {
    const weights = perAxis((axis) =>
      shareOut(starts[axis], new Float64Array(patchDhw[axis]).fill(1), paddedDhw[axis]),
    );
    return { ...tiling, weights };
  }
  const profiles = patchDhw.map((patch) => gaussianWeights(patch, sigmaScale, (patch - 1) / 2));
  const least = profiles.reduce((product, profile) => product * profile[0], 1);
  if (least >= MONAI_LEAST_WEIGHT) {
    return { ...tiling, weights: perAxis((axis) => shareOut(starts[axis], profiles[axis], paddedDhw[axis])) };
  }
  return {
    ...tiling,
    weights: perAxis((axis) => starts[axis].map(() => profiles[axis])),
    weightFloor: MONAI_LEAST_WEIGHT,
  };
}
