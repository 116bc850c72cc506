import type { Triple } from '../../../volume/volume';

/** Convolution with stride = kernel in float64. x (cin, D, H, W), weight (cout, cin, kd, kh, kw) -> (cout, D/kd, H/kh, W/kw). */
export function patchConvReference(
  x: ArrayLike<number>,
  [d, h, w]: Triple,
  [kd, kh, kw]: Triple,
  weight: ArrayLike<number>,
  cin: number,
  cout: number,
): Float64Array {
  const [od, oh, ow] = [d / kd, h / kh, w / kw];
  const y = new Float64Array(cout * od * oh * ow);
  for (let co = 0; co < cout; co++)
    for (let ci = 0; ci < cin; ci++)
      for (let z = 0; z < d; z++)
        for (let iy = 0; iy < h; iy++)
          for (let ix = 0; ix < w; ix++) {
            const [oz, oy, ox] = [Math.floor(z / kd), Math.floor(iy / kh), Math.floor(ix / kw)];
            const tap = ((z % kd) * kh + (iy % kh)) * kw + (ix % kw);
            y[((co * od + oz) * oh + oy) * ow + ox] +=
              weight[(co * cin + ci) * kd * kh * kw + tap] * x[((ci * d + z) * h + iy) * w + ix];
          }
  return y;
}
