/** Adds the windows' class probabilities up, in a ring of planes that moves along the slowest axis. */
import type { Triple } from '../../../volume/grid';
import type { Activation } from '../contract';

/** Averaged probabilities of every class on some consecutive planes of a grid. */
export interface Probabilities {
  /** D is the number of planes held: plane z of the grid lies at z modulo D. */
  readonly dimsDhw: Triple;
  readonly classes: number;
  /** (D, H, W, C): classes of one voxel side by side, because softmax, argmax and interpolation read them together. */
  readonly data: Float32Array;
  /** (D, H, W): what the weights add up to, where they are not normalised beforehand; settlePlanes divides by it. */
  readonly totals?: Float32Array;
}

/** All zero: what the normalised weights then fill to sums of 1. */
export function emptyProbabilities(dimsDhw: Triple, classes: number, hasTotals = false): Probabilities {
  const voxels = dimsDhw[0] * dimsDhw[1] * dimsDhw[2];
  const data = new Float32Array(voxels * classes);
  return { dimsDhw, classes, data, ...(hasTotals && { totals: new Float32Array(voxels) }) };
}

/** Sets planes [from, to) of the grid back to zero. */
export function clearPlanes({ dimsDhw, classes, data, totals }: Probabilities, from: number, to: number): void {
  const voxels = dimsDhw[1] * dimsDhw[2];
  for (let z = from; z < to; z++) {
    const at = (z % dimsDhw[0]) * voxels;
    data.fill(0, at * classes, (at + voxels) * classes);
    totals?.fill(0, at, at + voxels);
  }
}

/** Plane z of the grid, (H, W, C). */
export function copyPlane({ dimsDhw, classes, data }: Probabilities, z: number): Float32Array {
  const size = dimsDhw[1] * dimsDhw[2] * classes;
  const at = (z % dimsDhw[0]) * size;
  return data.slice(at, at + size);
}

/** How one window is added. */
export interface WindowShare {
  /** Applied to the logits. */
  readonly activation: Activation;
  /** Factor of all weights: one over the mirrored copies of the window. */
  readonly share: number;
  /** Least weight, before `share`; needs `totals`. */
  readonly floor?: number;
}

/**
 * Adds weight * activation(logits) of one window.
 * @param logits (C, D, H, W) over the window
 * @param startDhw the window's first voxel on the grid
 * @param weightsDhw weights of this window along each axis, normalised (normalizedWeights) unless there is a floor
 */
export function accumulateWindow(
  sum: Probabilities,
  logits: Float32Array,
  startDhw: Triple,
  weightsDhw: readonly [Float64Array, Float64Array, Float64Array],
  { activation, share, floor = 0 }: WindowShare = { activation: 'softmax', share: 1 },
): void {
  const { classes, data, totals } = sum;
  const [depth, height, width] = sum.dimsDhw;
  const [weightsD, weightsH, weightsW] = weightsDhw;
  const patchVoxels = weightsD.length * weightsH.length * weightsW.length;
  const values = new Float64Array(classes);
  let voxel = 0;
  for (let z = 0; z < weightsD.length; z++) {
    for (let y = 0; y < weightsH.length; y++) {
      const weightRow = weightsD[z] * weightsH[y];
      let out = (((startDhw[0] + z) % depth) * height + startDhw[1] + y) * width + startDhw[2];
      for (let x = 0; x < weightsW.length; x++, voxel++, out++) {
        for (let c = 0, at = voxel; c < classes; c++, at += patchVoxels) values[c] = logits[at];
        if (activation !== 'none') activate(values, activation);
        const weight = share * Math.max(floor, weightRow * weightsW[x]);
        for (let c = 0, at = out * classes; c < classes; c++, at++) data[at] += weight * values[c];
        if (totals) totals[out] += weight;
      }
    }
  }
}

/** Applies softmax or sigmoid to the channels of one voxel, in place. */
function activate(values: Float64Array, activation: 'softmax' | 'sigmoid'): void {
  if (activation === 'sigmoid') {
    for (let c = 0; c < values.length; c++) values[c] = 1 / (1 + Math.exp(-values[c]));
    return;
  }
  let highest = values[0];
  for (let c = 1; c < values.length; c++) if (values[c] > highest) highest = values[c];
  let total = 0;
  for (let c = 0; c < values.length; c++) {
    values[c] = Math.exp(values[c] - highest);
    total += values[c];
  }
  for (let c = 0; c < values.length; c++) values[c] /= total;
}

/**
 * Makes averages of the sums on planes [from, to) of the grid, to which no window will add any more, and applies the
 * activation that comes after averaging; once per plane.
 */
export function settlePlanes(sum: Probabilities, [from, to]: readonly [number, number], activation: Activation): void {
  const { dimsDhw, classes, data, totals } = sum;
  if (!totals && activation === 'none') return;
  const voxels = dimsDhw[1] * dimsDhw[2];
  const values = new Float64Array(classes);
  for (let z = from; z < to; z++) {
    const first = (z % dimsDhw[0]) * voxels;
    for (let voxel = first; voxel < first + voxels; voxel++) {
      const total = totals ? totals[voxel] : 1;
      for (let c = 0, at = voxel * classes; c < classes; c++, at++) values[c] = data[at] / total;
      if (activation !== 'none') activate(values, activation);
      data.set(values, voxel * classes);
    }
  }
}
