/**
 * Importance of a voxel inside its window: nnU-Net v1's Gaussian, which trusts a window's centre over its rim.
 *
 * nnU-Net blurs a delta at floor(p / 2) with scipy's gaussian_filter (sigma = p / 8, truncated at 4 sigma = p / 2) and
 * scales the maximum to 1. A blurred delta is the kernel itself and 4 sigma covers the whole patch, so per axis the map
 * is exp(-0.5 ((i - floor(p / 2)) / sigma)^2): at most 1, never 0 (nnU-Net's guard against zeros cannot trigger).
 */

/**
 * Unnormalised weights along one axis: `patch` values of exp(-0.5 ((i - centre) / (sigmaScale patch))^2).
 * @param centre nnU-Net: floor(patch / 2); MONAI: (patch - 1) / 2, the middle
 */
export function gaussianWeights(patch: number, sigmaScale: number, centre = Math.floor(patch / 2)): Float64Array {
  const sigma = sigmaScale * patch;
  return Float64Array.from({ length: patch }, (_, i) => Math.exp(-0.5 * ((i - centre) / sigma) ** 2));
}

/**
 * Weights along one axis, already divided by what all windows of the axis add up to at that voxel; one table per window.
 *
 * The windows are a Cartesian product and the weights are separable, so the sum over windows of w_z w_y w_x equals
 * (sum w_z)(sum w_y)(sum w_x). Dividing per axis therefore makes the weights of every voxel sum to 1: no weight volume,
 * no final division, and the accumulators hold averaged probabilities at any time.
 * @param starts window starts along the axis, covering all of its `size` voxels
 * @param profile unnormalised weights of one window, one per voxel of the patch
 */
export function shareOut(starts: readonly number[], profile: Float64Array, size: number): Float64Array[] {
  const sum = new Float64Array(size);
  for (const start of starts) for (let i = 0; i < profile.length; i++) sum[start + i] += profile[i];
  return starts.map((start) => profile.map((weight, i) => weight / sum[start + i]));
}

/** nnU-Net's normalised weights along one axis (windowStarts, gaussianWeights, shareOut). */
export const normalizedWeights = (starts: readonly number[], patch: number, size: number, sigmaScale: number) =>
  shareOut(starts, gaussianWeights(patch, sigmaScale), size);
