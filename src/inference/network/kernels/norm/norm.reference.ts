/** Group norm of x (channels, voxels) in float64; groups = channels is instance norm. */
export function groupNormReference(
  x: ArrayLike<number>,
  channels: number,
  groups: number,
  epsilon: number,
  weight?: ArrayLike<number>,
  bias?: ArrayLike<number>,
): Float64Array {
  const voxels = x.length / channels;
  const size = (channels / groups) * voxels;
  const y = new Float64Array(x.length);
  for (let g = 0; g < groups; g++) {
    let mean = 0;
    let variance = 0;
    for (let i = g * size; i < (g + 1) * size; i++) mean += x[i] / size;
    for (let i = g * size; i < (g + 1) * size; i++) variance += (x[i] - mean) ** 2 / size;
    for (let i = g * size; i < (g + 1) * size; i++) {
      const c = Math.floor(i / voxels);
      y[i] = ((x[i] - mean) / Math.sqrt(variance + epsilon)) * (weight?.[c] ?? 1) + (bias?.[c] ?? 0);
    }
  }
  return y;
}

export const leakyReluReference = (value: number, slope: number): number => (value < 0 ? slope * value : value);
