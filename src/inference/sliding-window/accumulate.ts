/** Adds the windows' class probabilities up on the model grid, and turns the sum into labels. */
import type { Triple } from '../../volume/volume';

/** Averaged probabilities of every class on a grid. */
export interface Probabilities {
  readonly dimsDhw: Triple;
  readonly classes: number;
  /** (D, H, W, C): classes of one voxel side by side, because softmax, argmax and interpolation read them together. */
  readonly data: Float32Array;
}

/** All zero: what the normalised weights then fill to sums of 1. */
export function emptyProbabilities(dimsDhw: Triple, classes: number): Probabilities {
  return { dimsDhw, classes, data: new Float32Array(dimsDhw[0] * dimsDhw[1] * dimsDhw[2] * classes) };
}

/** What a window's logits looked like; both false in a healthy network. */
export interface LogitsHealth {
  readonly notFinite: boolean;
  readonly constant: boolean;
}

/**
 * Looks at every logit: NaN and infinity are never right, and one value everywhere means that nothing was computed.
 * @param logits (C, D, H, W) of one window
 */
export function inspectLogits(logits: Float32Array): LogitsHealth {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  // x * 0 is 0 for every finite x and NaN otherwise: one flag for the whole window without a branch per value.
  let zero = 0;
  for (let i = 0; i < logits.length; i++) {
    const value = logits[i];
    zero += value * 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { notFinite: zero !== 0, constant: low === high };
}

/**
 * Adds weight * softmax(logits) of one window.
 * @param logits (C, D, H, W) over the window
 * @param startDhw the window's first voxel on the grid of `sum`
 * @param weightsDhw normalised weights of this window along each axis (normalizedWeights)
 */
export function accumulateWindow(
  sum: Probabilities,
  logits: Float32Array,
  startDhw: Triple,
  weightsDhw: readonly [Float64Array, Float64Array, Float64Array],
): void {
  const { classes, data } = sum;
  const [, height, width] = sum.dimsDhw;
  const [weightsD, weightsH, weightsW] = weightsDhw;
  const patchVoxels = weightsD.length * weightsH.length * weightsW.length;
  const exps = new Float32Array(classes);
  let voxel = 0;
  for (let z = 0; z < weightsD.length; z++) {
    for (let y = 0; y < weightsH.length; y++) {
      const weightRow = weightsD[z] * weightsH[y];
      let out = (((startDhw[0] + z) * height + startDhw[1] + y) * width + startDhw[2]) * classes;
      for (let x = 0; x < weightsW.length; x++, voxel++, out += classes) {
        let highest = logits[voxel];
        for (let c = 1, at = voxel + patchVoxels; c < classes; c++, at += patchVoxels) {
          if (logits[at] > highest) highest = logits[at];
        }
        let total = 0;
        for (let c = 0, at = voxel; c < classes; c++, at += patchVoxels) {
          const e = Math.exp(logits[at] - highest);
          exps[c] = e;
          total += e;
        }
        const weight = (weightRow * weightsW[x]) / total;
        for (let c = 0; c < classes; c++) data[out + c] += weight * exps[c];
      }
    }
  }
}

/** The most probable class of every voxel, (D, H, W); the first one where several are equal. */
export function argmaxClasses({ data, classes, dimsDhw }: Probabilities): Uint8Array {
  const labels = new Uint8Array(dimsDhw[0] * dimsDhw[1] * dimsDhw[2]);
  for (let voxel = 0, at = 0; voxel < labels.length; voxel++, at += classes) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (data[at + c] > data[at + best]) best = c;
    labels[voxel] = best;
  }
  return labels;
}
