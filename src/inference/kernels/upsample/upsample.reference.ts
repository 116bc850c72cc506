import type { Triple } from '../../../volume/volume';

/** Transposed convolution with stride = kernel in float64. x (cin, D, H, W), weight (cin, cout, kd, kh, kw) -> (cout, D*kd, H*kh, W*kw). */
export function upsampleReference(
  x: ArrayLike<number>,
  [d, h, w]: Triple,
  [kd, kh, kw]: Triple,
  weight: ArrayLike<number>,
  cin: number,
  cout: number,
): Float64Array {
  const [od, oh, ow] = [d * kd, h * kh, w * kw];
  const y = new Float64Array(cout * od * oh * ow);
  for (let co = 0; co < cout; co++)
    for (let ci = 0; ci < cin; ci++)
      for (let z = 0; z < od; z++)
        for (let iy = 0; iy < oh; iy++)
          for (let ix = 0; ix < ow; ix++) {
            const tap = ((z % kd) * kh + (iy % kh)) * kw + (ix % kw);
            const from = ((ci * d + Math.floor(z / kd)) * h + Math.floor(iy / kh)) * w + Math.floor(ix / kw);
            y[((co * od + z) * oh + iy) * ow + ix] += weight[(ci * cout + co) * kd * kh * kw + tap] * x[from];
          }
  return y;
}
