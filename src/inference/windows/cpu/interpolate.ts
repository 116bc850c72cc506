/** Class probabilities on the model grid -> labels on the output grid. */

import type { Reading } from '../contract';
import type { Taps } from '../geometry/taps';
import type { Probabilities } from './accumulate';

type Regions = Reading['regions'];

/**
 * What wins at one voxel, whose channels begin at `at`: the first largest class, or with regions 1 + the last region
 * above the threshold, 0 when there is none.
 */
function winner(values: ArrayLike<number>, at: number, classes: number, regions: Regions): number {
  if (regions) {
    for (let c = classes - 1; c >= 0; c--) if (values[at + c] > regions.threshold) return c + 1;
    return 0;
  }
  let best = 0;
  for (let c = 1; c < classes; c++) if (values[at + c] > values[at + best]) best = c;
  return best;
}

/** What wins at every voxel of one plane of the ring, (H, W). */
function winnersOfPlane({ data, classes, dimsDhw }: Probabilities, slot: number, regions: Regions): Uint8Array {
  const winners = new Uint8Array(dimsDhw[1] * dimsDhw[2]);
  for (let voxel = 0, at = slot * winners.length * classes; voxel < winners.length; voxel++, at += classes) {
    winners[voxel] = winner(data, at, classes, regions);
  }
  return winners;
}

/**
 * Interpolates all class probabilities linearly along each axis and takes the first largest per voxel.
 *
 * Exact shortcut: where the 8 surrounding model voxels have the same first-largest class a, the answer is a. The weights
 * w_k are >= 0 with sum 1, and at every corner p_k[a] > p_k[b] for b < a and p_k[a] >= p_k[b] for b > a; so the same
 * holds for sum w_k p_k, and a is its first maximum. Only voxels along label borders are interpolated at all.
 * Regions the same way: where the last region above the threshold is the same at all corners, the mix of it stays above
 * and the mixes of all later ones do not.
 * @param taps how each axis of the output reads the grid of `probabilities`
 * @param planes [from, to) along the output's slowest axis; what they read must be in the ring
 * @returns labels (to - from, H, W) of the output grid
 */
export function interpolatedLabels(
  probabilities: Probabilities,
  [tapsZ, tapsY, tapsX]: readonly [Taps, Taps, Taps],
  [from, to]: readonly [number, number],
  regions: Regions = null,
): Uint8Array<ArrayBuffer> {
  const { data, classes } = probabilities;
  const [ring, height, width] = probabilities.dimsDhw;
  const [rows, columns] = [tapsY.lower.length, tapsX.lower.length];
  const labels = new Uint8Array((to - from) * rows * columns);
  const corners = new Int32Array(8);
  const mix = new Float64Array(classes);
  const planes = new Map<number, Uint8Array>();
  const winnersOf = (z: number) => {
    const known = planes.get(z);
    if (known) return known;
    const made = winnersOfPlane(probabilities, z % ring, regions);
    planes.set(z, made);
    return made;
  };
  const labelOf = regions ? [0, ...regions.order] : Array.from({ length: classes }, (_, label) => label);
  let out = 0;
  for (let z = from; z < to; z++) {
    const [zLow, zHigh] = [tapsZ.lower[z], tapsZ.upper[z]];
    for (const plane of planes.keys()) if (plane < zLow) planes.delete(plane);
    const [winnersLow, winnersHigh] = [winnersOf(zLow), winnersOf(zHigh)];
    const [planeLow, planeHigh] = [zLow, zHigh].map((plane) => (plane % ring) * height * width);
    const fz = tapsZ.fraction[z];
    for (let y = 0; y < rows; y++) {
      const rowLow = tapsY.lower[y] * width;
      const rowHigh = tapsY.upper[y] * width;
      const fy = tapsY.fraction[y];
      for (let x = 0; x < columns; x++, out++) {
        const x0 = tapsX.lower[x];
        const x1 = tapsX.upper[x];
        const won = winnersLow[rowLow + x0];
        if (
          won === winnersLow[rowLow + x1] &&
          won === winnersLow[rowHigh + x0] &&
          won === winnersLow[rowHigh + x1] &&
          won === winnersHigh[rowLow + x0] &&
          won === winnersHigh[rowLow + x1] &&
          won === winnersHigh[rowHigh + x0] &&
          won === winnersHigh[rowHigh + x1]
        ) {
          labels[out] = labelOf[won];
          continue;
        }
        corners[0] = planeLow + rowLow + x0;
        corners[1] = planeLow + rowLow + x1;
        corners[2] = planeLow + rowHigh + x0;
        corners[3] = planeLow + rowHigh + x1;
        corners[4] = planeHigh + rowLow + x0;
        corners[5] = planeHigh + rowLow + x1;
        corners[6] = planeHigh + rowHigh + x0;
        corners[7] = planeHigh + rowHigh + x1;
        interpolate(data, corners, fz, fy, tapsX.fraction[x], mix);
        labels[out] = labelOf[winner(mix, 0, classes, regions)];
      }
    }
  }
  return labels;
}

/** The trilinear mix of 8 voxels, one value per class; corner bits are (z, y, x), 0 = lower. */
function interpolate(
  data: Float32Array,
  corners: Int32Array,
  fz: number,
  fy: number,
  fx: number,
  mix: Float64Array,
): void {
  const classes = mix.length;
  const w00 = (1 - fz) * (1 - fy);
  const w01 = (1 - fz) * fy;
  const w10 = fz * (1 - fy);
  const w11 = fz * fy;
  for (let c = 0; c < classes; c++) {
    mix[c] =
      w00 * ((1 - fx) * data[corners[0] * classes + c] + fx * data[corners[1] * classes + c]) +
      w01 * ((1 - fx) * data[corners[2] * classes + c] + fx * data[corners[3] * classes + c]) +
      w10 * ((1 - fx) * data[corners[4] * classes + c] + fx * data[corners[5] * classes + c]) +
      w11 * ((1 - fx) * data[corners[6] * classes + c] + fx * data[corners[7] * classes + c]);
  }
}
