/** Intensities to the range the network was trained on (manifest `normalization`). */
import { InvalidInputError } from '../../core/errors';
import { eachBlock, type Steps } from '../../core/steps';
import type { IntensityMap } from '../windows/contract';

/**
 * Order-preserving image of a float32's bits as an unsigned integer: negatives reversed below, positives above.
 * -1 -> 0x407fffff, 0 -> 0x80000000, 1 -> 0xbf800000.
 */
function sortableBits(bits: number): number {
  return (bits & 0x80000000 ? ~bits : bits | 0x80000000) >>> 0;
}

/**
 * The values that ascending sorting would put at `ranks`, among the values strictly above `floor`; exact, in O(n).
 * One pass counts the upper 16 bits of every value, one more sorts only the bucket each rank falls into.
 * @param ranks 0-based, each below the number of values above `floor`
 */
export function* orderStatistics(
  values: Float32Array,
  floor: number,
  ranks: readonly number[],
): Steps<readonly number[]> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const counts = new Uint32Array(1 << 16);
  yield* eachBlock(values.length, (from, to) => {
    for (let i = from; i < to; i++) if (values[i] > floor) counts[sortableBits(bits[i]) >>> 16]++;
  });
  const found: number[] = [];
  for (const rank of ranks) {
    let bucket = 0;
    let before = 0;
    while (before + counts[bucket] <= rank) before += counts[bucket++];
    const inBucket = new Float32Array(counts[bucket]);
    let filled = 0;
    yield* eachBlock(values.length, (from, to) => {
      for (let i = from; i < to; i++) {
        if (values[i] > floor && sortableBits(bits[i]) >>> 16 === bucket) inBucket[filled++] = values[i];
      }
    });
    found.push(inBucket.sort()[rank - before]);
  }
  return found;
}

/**
 * The map of [lo, hi] to [0, 1], clipped; lo and hi are the `lower` and `upper` percentiles (floor of
 * percent / 100 * (count - 1), no interpolation) of the voxels strictly above the volume's minimum, so the air around
 * a head does not count.
 * @throws InvalidInputError('constant-volume' or 'constant-foreground') when there is nothing to stretch
 */
export function* percentileIntensities(values: Float32Array, lower: number, upper: number): Steps<IntensityMap> {
  let min = Number.POSITIVE_INFINITY;
  yield* eachBlock(values.length, (from, to) => {
    for (let i = from; i < to; i++) if (values[i] < min) min = values[i];
  });
  let above = 0;
  yield* eachBlock(values.length, (from, to) => {
    for (let i = from; i < to; i++) if (values[i] > min) above++;
  });
  if (above === 0) {
    throw new InvalidInputError('constant-volume', { value: String(min) });
  }
  const rank = (percent: number) => Math.floor((percent / 100) * (above - 1));
  const [lo, hi] = yield* orderStatistics(values, min, [rank(lower), rank(upper)]);
  if (!(hi > lo)) {
    throw new InvalidInputError('constant-foreground', { value: String(lo) });
  }
  return { offset: lo, scale: 1 / (hi - lo), low: 0, high: 1 };
}

/** Intensities as the network sees them. A copy. */
export function normalised(
  values: Float32Array,
  { offset, scale, low, high }: IntensityMap,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = Math.min(high, Math.max(low, (values[i] - offset) * scale));
  return out;
}

/** The map of intensities from `lower` to `upper`, in the scan's own units, to [0, 1], clipped. */
export function rangeIntensities(lower: number, upper: number): IntensityMap {
  return { offset: lower, scale: 1 / (upper - lower), low: 0, high: 1 };
}
