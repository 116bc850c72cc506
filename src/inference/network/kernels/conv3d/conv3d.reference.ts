import type { Triple } from '../../../../volume/grid';

/** 3x3x3 convolution, zero padding 1, in float64. x (cin, D, H, W), weight (cout, cin, 3, 3, 3) -> (cout, D, H, W). */
export function conv3dReference(
  x: ArrayLike<number>,
  [d, h, w]: Triple,
  weight: ArrayLike<number>,
  cin: number,
  cout: number,
): Float64Array {
  const y = new Float64Array(cout * d * h * w);
  for (let co = 0; co < cout; co++)
    for (let ci = 0; ci < cin; ci++)
      for (let tap = 0; tap < 27; tap++) {
        const [dz, dy, dx] = [Math.floor(tap / 9) - 1, (Math.floor(tap / 3) % 3) - 1, (tap % 3) - 1];
        const k = weight[(co * cin + ci) * 27 + tap];
        for (let z = Math.max(0, -dz); z < Math.min(d, d - dz); z++)
          for (let iy = Math.max(0, -dy); iy < Math.min(h, h - dy); iy++)
            for (let ix = Math.max(0, -dx); ix < Math.min(w, w - dx); ix++)
              y[((co * d + z) * h + iy) * w + ix] += k * x[((ci * d + z + dz) * h + iy + dy) * w + ix + dx];
      }
  return y;
}
