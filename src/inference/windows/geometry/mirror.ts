/** Averaging over mirrored windows (test-time augmentation): which copies there are, and how they are made. */
import type { Triple } from '../../../volume/grid';

/** Along which of D, H, W a window is reversed before the network sees it, and its output afterwards. */
export type Mirror = readonly [boolean, boolean, boolean];

export const NOT_MIRRORED: Mirror = [false, false, false];

/**
 * All combinations of the given axes, 2^k of them, the unmirrored one first. [2] -> none; W.
 * @param axes of D, H, W (0, 1, 2) that may be reversed
 */
export function mirrorsOver(axes: readonly number[]): Mirror[] {
  return Array.from({ length: 2 ** axes.length }, (_, bits) => {
    const mirror: [boolean, boolean, boolean] = [false, false, false];
    for (const [bit, axis] of axes.entries()) mirror[axis] = ((bits >> bit) & 1) === 1;
    return mirror;
  });
}

/** The same for windowParams: bit 0 for W, 1 for H, 2 for D. */
export const mirrorBits = (mirror: Mirror = NOT_MIRRORED): number =>
  (mirror[0] ? 4 : 0) | (mirror[1] ? 2 : 0) | (mirror[2] ? 1 : 0);

/** Pairs of classes that change places, as the class that each of `classes` becomes. */
export function exchangeOf(pairs: readonly (readonly [number, number])[], classes: number): number[] {
  const exchange = Array.from({ length: classes }, (_, c) => c);
  for (const [a, b] of pairs) [exchange[a], exchange[b]] = [b, a];
  return exchange;
}

/** Channels (C, ...) in another order: channel c of the result is channel order[c]. */
export function reordered(values: Float32Array, order: readonly number[]): Float32Array {
  const out = new Float32Array(values.length);
  const size = values.length / order.length;
  for (const [c, from] of order.entries()) out.set(values.subarray(from * size, (from + 1) * size), c * size);
  return out;
}

/**
 * Channels of a window with the marked axes reversed.
 * @param values (C, D, H, W)
 * @returns `values` itself when nothing is reversed
 */
export function mirrored(values: Float32Array, [depth, height, width]: Triple, mirror: Mirror): Float32Array {
  if (!mirror.includes(true)) return values;
  const out = new Float32Array(values.length);
  const channels = values.length / (depth * height * width);
  for (let c = 0, from = 0; c < channels; c++) {
    for (let d = 0; d < depth; d++) {
      const plane = c * depth + (mirror[0] ? depth - 1 - d : d);
      for (let h = 0; h < height; h++, from += width) {
        const to = (plane * height + (mirror[1] ? height - 1 - h : h)) * width;
        out.set(values.subarray(from, from + width), to);
        if (mirror[2]) out.subarray(to, to + width).reverse();
      }
    }
  }
  return out;
}
