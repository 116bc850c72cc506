import type { Triple } from '../../../../volume/grid';
import { patchesReference } from '../patch-conv/patches.reference';

/** Transposed convolution with stride = kernel in float64. x (cin, D, H, W), weight (cin, cout, kd, kh, kw) -> (cout, D*kd, H*kh, W*kw). */
export function upsampleReference(
  x: ArrayLike<number>,
  [d, h, w]: Triple,
  [kd, kh, kw]: Triple,
  weight: ArrayLike<number>,
  cin: number,
  cout: number,
): Float64Array {
  const voxels = patchesReference([d * kd, h * kh, w * kw], [kd, kh, kw]);
  const y = new Float64Array(cout * voxels.length);
  for (let co = 0; co < cout; co++)
    for (let ci = 0; ci < cin; ci++)
      for (const [i, { patch, tap }] of voxels.entries())
        y[co * voxels.length + i] += weight[(ci * cout + co) * kd * kh * kw + tap] * x[ci * d * h * w + patch];
  return y;
}
