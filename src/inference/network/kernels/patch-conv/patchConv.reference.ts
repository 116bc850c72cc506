import type { Triple } from '../../../../volume/grid';
import { patchesReference } from './patches.reference';

/** Convolution with stride = kernel in float64. x (cin, D, H, W), weight (cout, cin, kd, kh, kw) -> (cout, D/kd, H/kh, W/kw). */
export function patchConvReference(
  x: ArrayLike<number>,
  dims: Triple,
  kernel: Triple,
  weight: ArrayLike<number>,
  cin: number,
  cout: number,
): Float64Array {
  const voxels = patchesReference(dims, kernel);
  const taps = kernel[0] * kernel[1] * kernel[2];
  const patches = voxels.length / taps;
  const y = new Float64Array(cout * patches);
  for (let co = 0; co < cout; co++)
    for (let ci = 0; ci < cin; ci++)
      for (const [i, { patch, tap }] of voxels.entries())
        y[co * patches + patch] += weight[(co * cin + ci) * taps + tap] * x[ci * voxels.length + i];
  return y;
}
