import type { Triple } from '../../../../volume/grid';

/**
 * A grid (D, H, W) in patches: for every voxel the patch it lies in, counted over (D/kd, H/kh, W/kw), and its place in
 * that patch, counted over the kernel.
 */
export function patchesReference(
  [d, h, w]: Triple,
  [kd, kh, kw]: Triple,
): readonly { readonly patch: number; readonly tap: number }[] {
  return Array.from({ length: d * h * w }, (_, i) => {
    const [z, y, x] = [Math.floor(i / (h * w)), Math.floor(i / w) % h, i % w];
    const [pz, py, px] = [Math.floor(z / kd), Math.floor(y / kh), Math.floor(x / kw)];
    return { patch: (pz * (h / kh) + py) * (w / kw) + px, tap: ((z % kd) * kh + (y % kh)) * kw + (x % kw) };
  });
}
