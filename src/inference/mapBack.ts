/** Class probabilities on the model grid -> labels on the scan's own grid (both in RAS order). */
import type { Triple } from '../volume/volume';
import { argmaxClasses, type Probabilities } from './sliding-window/accumulate';

interface AxisTaps {
  /** Lower and upper model voxel of every native voxel, counted on the padded grid. */
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  /** Weight of the upper one, in [0, 1]. */
  readonly fraction: Float64Array;
}

/**
 * Two-tap linear interpolation along one axis: native voxel i lies at c = clamp((i + 0.5) m / n - 0.5, 0, m - 1) of the
 * model axis (voxel centres, edges aligned).
 * @param below padding voxels before model voxel 0
 */
function axisTaps(native: number, model: number, below: number): AxisTaps {
  const lower = new Int32Array(native);
  const upper = new Int32Array(native);
  const fraction = new Float64Array(native);
  for (let i = 0; i < native; i++) {
    const c = Math.min(Math.max((i + 0.5) * (model / native) - 0.5, 0), model - 1);
    const floor = Math.floor(c);
    lower[i] = below + floor;
    upper[i] = below + Math.min(floor + 1, model - 1);
    fraction[i] = c - floor;
  }
  return { lower, upper, fraction };
}

/**
 * Interpolates all class probabilities trilinearly to the native grid and takes the first largest per voxel.
 *
 * Exact shortcut: where the 8 surrounding model voxels have the same first-largest class a, the answer is a. The weights
 * w_k are >= 0 with sum 1, and at every corner p_k[a] > p_k[b] for b < a and p_k[a] >= p_k[b] for b > a; so the same
 * holds for sum w_k p_k, and a is its first maximum. Only voxels along label borders are interpolated at all.
 * @param probabilities on the padded model grid
 * @param modelDhw size of the model grid without padding
 * @param belowDhw padding before the first model voxel
 * @returns labels (D, H, W) of the native grid
 */
export function labelsOnNativeGrid(
  probabilities: Probabilities,
  modelDhw: Triple,
  belowDhw: Triple,
  nativeDhw: Triple,
): Uint8Array {
  const { data, classes } = probabilities;
  const [, paddedH, paddedW] = probabilities.dimsDhw;
  const modelLabels = argmaxClasses(probabilities);
  const [tapsZ, tapsY, tapsX] = [0, 1, 2].map((axis) => axisTaps(nativeDhw[axis], modelDhw[axis], belowDhw[axis]));
  const labels = new Uint8Array(nativeDhw[0] * nativeDhw[1] * nativeDhw[2]);
  const corners = new Int32Array(8);
  let out = 0;
  for (let z = 0; z < nativeDhw[0]; z++) {
    for (let y = 0; y < nativeDhw[1]; y++) {
      const row00 = (tapsZ.lower[z] * paddedH + tapsY.lower[y]) * paddedW;
      const row01 = (tapsZ.lower[z] * paddedH + tapsY.upper[y]) * paddedW;
      const row10 = (tapsZ.upper[z] * paddedH + tapsY.lower[y]) * paddedW;
      const row11 = (tapsZ.upper[z] * paddedH + tapsY.upper[y]) * paddedW;
      const fz = tapsZ.fraction[z];
      const fy = tapsY.fraction[y];
      for (let x = 0; x < nativeDhw[2]; x++, out++) {
        const x0 = tapsX.lower[x];
        const x1 = tapsX.upper[x];
        const label = modelLabels[row00 + x0];
        if (
          label === modelLabels[row00 + x1] &&
          label === modelLabels[row01 + x0] &&
          label === modelLabels[row01 + x1] &&
          label === modelLabels[row10 + x0] &&
          label === modelLabels[row10 + x1] &&
          label === modelLabels[row11 + x0] &&
          label === modelLabels[row11 + x1]
        ) {
          labels[out] = label;
          continue;
        }
        corners[0] = row00 + x0;
        corners[1] = row00 + x1;
        corners[2] = row01 + x0;
        corners[3] = row01 + x1;
        corners[4] = row10 + x0;
        corners[5] = row10 + x1;
        corners[6] = row11 + x0;
        corners[7] = row11 + x1;
        labels[out] = interpolatedClass(data, classes, corners, fz, fy, tapsX.fraction[x]);
      }
    }
  }
  return labels;
}

/** First largest class of the trilinear mix of 8 voxels; corner bits are (z, y, x), 0 = lower. */
function interpolatedClass(
  data: Float32Array,
  classes: number,
  corners: Int32Array,
  fz: number,
  fy: number,
  fx: number,
): number {
  const w00 = (1 - fz) * (1 - fy);
  const w01 = (1 - fz) * fy;
  const w10 = fz * (1 - fy);
  const w11 = fz * fy;
  let best = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) {
    const value =
      w00 * ((1 - fx) * data[corners[0] * classes + c] + fx * data[corners[1] * classes + c]) +
      w01 * ((1 - fx) * data[corners[2] * classes + c] + fx * data[corners[3] * classes + c]) +
      w10 * ((1 - fx) * data[corners[4] * classes + c] + fx * data[corners[5] * classes + c]) +
      w11 * ((1 - fx) * data[corners[6] * classes + c] + fx * data[corners[7] * classes + c]);
    if (value > highest) {
      highest = value;
      best = c;
    }
  }
  return best;
}
