import type { Triple } from '../../../../volume/grid';
import type { Taps } from '../../geometry/taps';

/** First largest class at every output voxel, and by how much it leads. `p` is (D, H, W, classes). */
export function finalizeReference(
  p: ArrayLike<number>,
  [, H, W]: Triple,
  classes: number,
  taps: readonly [Taps, Taps, Taps],
): { labels: number[]; lead: number[] } {
  const [labels, lead]: [number[], number[]] = [[], []];
  const corners = ({ lower, upper, fraction }: Taps, i: number) => [
    [lower[i], 1 - fraction[i]],
    [upper[i], fraction[i]],
  ];
  for (let z = 0; z < taps[0].lower.length; z++)
    for (let y = 0; y < taps[1].lower.length; y++)
      for (let x = 0; x < taps[2].lower.length; x++) {
        const mix = new Array<number>(classes).fill(0);
        for (const [kz, wz] of corners(taps[0], z))
          for (const [ky, wy] of corners(taps[1], y))
            for (const [kx, wx] of corners(taps[2], x))
              for (let c = 0; c < classes; c++) mix[c] += wz * wy * wx * p[((kz * H + ky) * W + kx) * classes + c];
        const highest = Math.max(...mix);
        labels.push(mix.indexOf(highest));
        lead.push(highest - Math.max(...mix.filter((_, c) => c !== mix.indexOf(highest))));
      }
  return { labels, lead };
}
