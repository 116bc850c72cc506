/**
 * Importance of a voxel inside its window: nnU-Net v1's Gaussian, which trusts a window's centre over its rim.
 *
 * nnU-Net blurs a delta at floor(p / 2) with scipy's gaussian_filter (sigma = p / 8, truncated at 4 sigma = p / 2) and
 * scales the maximum to 1. A blurred delta is the kernel itself and 4 sigma covers the whole patch, so per axis the map
 * is exp(-0.5 ((i - floor(p / 2)) / sigma)^2): at most 1, never 0 (nnU-Net's guard against zeros cannot trigger).
 */

/** Unnormalised weights along one axis: `patch` values, 1 at floor(patch / 2). */
export function gaussianWeights(patch: number, sigmaScale: number): Float64Array {
  const sigma = sigmaScale * patch;
  const centre = Math.floor(patch / 2);
  return Float64Array.from({ length: patch }, (_, i) => Math.exp(-0.5 * ((i - centre) / sigma) ** 2));
}

/**
 * Weights along one axis, already divided by what all windows of the axis add up to at that voxel; one table per window.
 *
 * The windows are a Cartesian product and the Gaussian is separable, so the sum over windows of w_z w_y w_x equals
 * (sum w_z)(sum w_y)(sum w_x). Dividing per axis therefore makes the weights of every voxel sum to 1: no weight volume,
 * no final division, and the accumulators hold averaged probabilities at any time.
 * @param starts window starts along the axis (windowStarts), covering all of its `size` voxels
 */
export function normalizedWeights(
  starts: readonly number[],
  patch: number,
  size: number,
  sigmaScale: number,
): Float64Array[] {
  const gaussian = gaussianWeights(patch, sigmaScale);
  const sum = new Float64Array(size);
  for (const start of starts) for (let i = 0; i < patch; i++) sum[start + i] += gaussian[i];
  return starts.map((start) => gaussian.map((weight, i) => weight / sum[start + i]));
}
