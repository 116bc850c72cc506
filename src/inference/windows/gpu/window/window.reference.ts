import type { Triple } from '../../../../volume/grid';
import type { WindowShape } from './window';

/** The window at `startDhw` of the padded grid, (C, PD, PH, PW). `maps` are (offset, scale, low, high) per channel. */
export function windowReference(
  { channels, dimsDhw, belowDhw, patchDhw }: Omit<WindowShape, 'ring'>,
  values: ArrayLike<number>,
  maps: readonly (readonly [number, number, number, number])[],
  startDhw: Triple,
): Float64Array {
  const [D, H, W] = dimsDhw;
  const [PD, PH, PW] = patchDhw;
  const cut = new Float64Array(channels * PD * PH * PW);
  for (let c = 0, out = 0; c < channels; c++)
    for (let z = 0; z < PD; z++)
      for (let y = 0; y < PH; y++)
        for (let x = 0; x < PW; x++, out++) {
          const [vz, vy, vx] = [z, y, x].map((p, axis) => startDhw[axis] + p - belowDhw[axis]);
          if (vz < 0 || vy < 0 || vx < 0 || vz >= D || vy >= H || vx >= W) continue;
          const [offset, scale, low, high] = maps[c];
          const value = (values[((c * D + vz) * H + vy) * W + vx] - offset) * scale;
          cut[out] = Math.min(high, Math.max(low, value));
        }
  return cut;
}
