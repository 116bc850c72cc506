import type { Triple } from '../../../../volume/grid';
import type { Activation } from '../../contract';

/** Softmax or sigmoid of one voxel's channels. */
export function activated(values: readonly number[], activation: Activation): number[] {
  if (activation === 'none') return [...values];
  if (activation === 'sigmoid') return values.map((v) => 1 / (1 + Math.exp(-v)));
  const exps = values.map((v) => Math.exp(v - Math.max(...values)));
  return exps.map((e) => e / exps.reduce((a, b) => a + b, 0));
}

/**
 * Adds weight * activation(logits[:, z, y, x]) at startDhw + (z, y, x), weight = weights[0][z] weights[1][y] weights[2][x];
 * with a floor weight = max(floor, that), and one more channel counts the weights.
 * @param sum (D, H, W, channels) of the whole grid
 * @param logits (classes, z, y, x)
 */
export function accumulateReference(
  sum: Float64Array,
  [, H, W]: Triple,
  classes: number,
  logits: ArrayLike<number>,
  startDhw: Triple,
  weights: readonly [ArrayLike<number>, ArrayLike<number>, ArrayLike<number>],
  activation: Activation = 'softmax',
  floor?: number,
): void {
  const channels = classes + (floor === undefined ? 0 : 1);
  const [PD, PH, PW] = weights.map((w) => w.length);
  for (let z = 0, voxel = 0; z < PD; z++)
    for (let y = 0; y < PH; y++)
      for (let x = 0; x < PW; x++, voxel++) {
        const own = Array.from({ length: classes }, (_, c) => logits[c * PD * PH * PW + voxel]);
        const values = [...activated(own, activation), 1];
        const weight = Math.max(floor ?? 0, weights[0][z] * weights[1][y] * weights[2][x]);
        const at = ((startDhw[0] + z) * H + startDhw[1] + y) * W + startDhw[2] + x;
        for (let c = 0; c < channels; c++) sum[at * channels + c] += weight * values[c];
      }
}
