/**
 * What a scan's intensities say without their places: which values are padding, the range of the rest, and whether they can
 * be Hounsfield units. Taken once, where the scan is read. `unetrpp/inference/intensity.py` follows the same text; the two agree to
 * the last bit, because what they decide on are counts and values of the scan itself.
 *
 *   voxels ─► buckets of float32 numbers whose upper 16 bits are equal: count, smallest, largest
 *          ─► padding: values beyond a gap that no tissue leaves ─► the body, what is left
 *          ─► percentiles of the body; shares of it that are air, soft tissue, negative
 */
import type { Steps } from '../core/steps';
import type { VoxelArray } from './grid';

/** 'CT': Hounsfield units. 'MR': anything that cannot be those. 'unknown': could be either. */
export type LooksLike = 'CT' | 'MR' | 'unknown';

export interface Intensity {
  /** Smallest and largest value of the scan, padding and lone outliers aside. */
  readonly min: number;
  readonly max: number;
  /** 2nd and 98th percentile of the voxels in (min, max]: the background of most scans is the minimum. */
  readonly low: number;
  readonly high: number;
  /** Smallest and largest value of all. Values outside [min, max] are padding or outliers. */
  readonly fileMin: number;
  readonly fileMax: number;
  /** Shares of all voxels that lie below `min` and above `max`, 0 .. 1. */
  readonly below: number;
  readonly above: number;
  /** What padding stands for: 0 where nearly nothing is negative and 0 is near, else `min`. */
  readonly background: number;
  readonly looksLike: LooksLike;
}

/** Padding is apart when the gap is this many times as wide as all the rest (1st to 99th percentile), and it is narrower. */
const APART = 2;
/** Fewer voxels than this share are outliers: they may be scattered, and are as far away as this. */
const FEW = 0.001;
const FEW_APART = 10;
/** What is left has at least this share of the voxels, or it is the outliers; and enough of them to say what is far. */
const LEAST_BODY = 0.01;
const LEAST_VOXELS = 64;
/** CT scanners store nothing thinner. */
const AIR_VALUE = -1024;
/** No signal is weaker than none, nothing is thinner than air: values below are padding more easily. */
const FLOORS = [0, AIR_VALUE] as const;
/** Of the voxels, for those. */
const FLOOR_SHARE = 0.001;
/** The gap under a floor is this many times as wide as what lies below the floor on its other side. */
const FLOOR_APART = 4;
/** Padding below a floor is one value, but for what resampling made of it: this part of the gap. */
const FLOOR_NARROW = 0.01;
/** Fewer different values are a drawing, in which anything may be apart. */
const LEAST_BUCKETS = 16;
/** Gaps that are looked at, widest first. */
const GAPS = 64;

/** Voxels between two stops. */
const PIECE = 2 ** 20;

const AIR = [-1100, -700] as const;
const isWithin = (value: number, [from, to]: readonly [number, number]) => value >= from && value <= to;
const SOFT_TISSUE = [-250, 250] as const;
/** Fat in Hounsfield units is below this; what resampling leaves below 0 in MR is not. */
const FAT = -30;

/** Non-empty buckets in ascending order. */
interface Buckets {
  readonly low: Float64Array;
  readonly high: Float64Array;
  /** Voxels in the buckets before each; one more entry than there are buckets. */
  readonly before: Float64Array;
}

const LARGEST = 3.4028234663852886e38;
const float = new Float32Array(1);
const bitsOfFloat = new Uint32Array(float.buffer);

/** Upper half of a float32's bits, ordered as the numbers are: -1 -> 0x407f, 0 -> 0x8000, 1 -> 0xbf80. */
const bucketOf = (bits: number) => ((bits & 0x80000000 ? ~bits : bits | 0x80000000) >>> 16) & 0xffff;

function bucketOfValue(value: number): number {
  // -0 and 0 are one value.
  float[0] = Math.min(LARGEST, Math.max(-LARGEST, value)) + 0;
  return bucketOf(bitsOfFloat[0]);
}

/** Counts values by bucket; NaN and infinities do not count. */
class Counter {
  private readonly counts = new Float64Array(1 << 16);
  private readonly low = new Float64Array(1 << 16).fill(Number.POSITIVE_INFINITY);
  private readonly high = new Float64Array(1 << 16).fill(Number.NEGATIVE_INFINITY);

  add(value: number, count: number): void {
    const bucket = bucketOfValue(value);
    const kept = float[0];
    this.counts[bucket] += count;
    if (kept < this.low[bucket]) this.low[bucket] = kept;
    if (kept > this.high[bucket]) this.high[bucket] = kept;
  }

  buckets(): Buckets {
    const used: number[] = [];
    for (let bucket = 0; bucket < this.counts.length; bucket++) if (this.counts[bucket] > 0) used.push(bucket);
    const before = new Float64Array(used.length + 1);
    used.forEach((bucket, i) => {
      before[i + 1] = before[i] + this.counts[bucket];
    });
    return {
      low: Float64Array.from(used, (bucket) => this.low[bucket]),
      high: Float64Array.from(used, (bucket) => this.high[bucket]),
      before,
    };
  }
}

function bucketsOf(data: VoxelArray): Buckets {
  const counter = new Counter();
  if (data.BYTES_PER_ELEMENT <= 2) {
    const lowest = data instanceof Int8Array ? -128 : data instanceof Int16Array ? -32768 : 0;
    const table = new Float64Array(2 ** (8 * data.BYTES_PER_ELEMENT));
    for (let i = 0; i < data.length; i++) table[data[i] - lowest]++;
    table.forEach((count, i) => {
      if (count > 0) counter.add(i + lowest, count);
    });
  } else {
    for (let i = 0; i < data.length; i++) {
      const value = data[i];
      if (value - value === 0) counter.add(value, 1);
    }
  }
  return counter.buckets();
}

/** Buckets first .. end - 1. */
interface Part {
  readonly first: number;
  readonly end: number;
}

const voxelsIn = ({ before }: Buckets, { first, end }: Part) => before[end] - before[first];

/** The bucket that holds the voxel at `rank` of all, 0-based. */
function bucketAt({ before }: Buckets, rank: number): number {
  let low = 0;
  let high = before.length - 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (before[middle + 1] > rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** From the 1st to the 99th percentile, rounded outwards to values that occur, without the most frequent bucket: air. */
function spreadOf(buckets: Buckets, { first, end }: Part): number {
  const { before, low, high } = buckets;
  let mode = first;
  for (let i = first; i < end; i++) if (before[i + 1] - before[i] > before[mode + 1] - before[mode]) mode = i;
  const inMode = before[mode + 1] - before[mode];
  const count = before[end] - before[first] - inMode;
  if (count === 0) return high[mode] - low[mode];
  const at = (percent: number) => {
    const rank = before[first] + Math.floor((percent * (count - 1)) / 100);
    return bucketAt(buckets, rank < before[mode] ? rank : rank + inMode);
  };
  return high[at(99)] - low[at(1)];
}

/** Whether `rest` is what a scan shows and `outside`, beyond a gap, is not. */
function isApart(buckets: Buckets, gap: number, rest: Part, outside: Part, total: number): boolean {
  if (voxelsIn(buckets, rest) < Math.max(LEAST_VOXELS, LEAST_BODY * total)) return false;
  const spread = spreadOf(buckets, rest);
  if (voxelsIn(buckets, outside) < FEW * total) return spread > 0 && gap > FEW_APART * spread;
  const isNarrow = buckets.high[outside.end - 1] - buckets.low[outside.first] < spread;
  return isNarrow && gap > APART * spread && !isAir(buckets, outside, rest);
}

/** Whether values are the air around a body in Hounsfield units: apart too, in a computed CT. */
function isAir(buckets: Buckets, outside: Part, rest: Part): boolean {
  const isNear = buckets.low[outside.first] >= AIR[0] && buckets.high[outside.end - 1] <= AIR[1];
  return isNear && shareWithin(buckets, rest, Number.NEGATIVE_INFINITY, FAT) >= 0.01;
}

/** The first bucket after padding below a floor; `first` where there is none. */
function aboveFloors(buckets: Buckets, { first, end }: Part, total: number): number {
  const { low, high } = buckets;
  let found = first;
  let widest = 0;
  for (const floor of FLOORS) {
    for (let i = first; i < end - 1 && high[i] < floor; i++) {
      const gap = low[i + 1] - high[i];
      const isLone = gap > FLOOR_APART * Math.max(0, floor - low[i + 1]) && high[i] - low[first] <= FLOOR_NARROW * gap;
      if (!isLone || gap <= widest) continue;
      const [outside, rest]: Part[] = [
        { first, end: i + 1 },
        { first: i + 1, end },
      ];
      if (voxelsIn(buckets, outside) < FLOOR_SHARE * total || voxelsIn(buckets, rest) < LEAST_BODY * total) continue;
      if (end - i - 1 >= LEAST_BUCKETS && !isAir(buckets, outside, rest)) [found, widest] = [i + 1, gap];
    }
  }
  return found;
}

/** What is left without padding and outliers on both sides. */
function bodyOf(buckets: Buckets): Part {
  const { low, high, before } = buckets;
  const total = before[low.length];
  let body: Part = { first: 0, end: low.length };
  const gapAfter = (i: number) => low[i + 1] - high[i];
  const widest = Array.from({ length: low.length - 1 }, (_, i) => i)
    .sort((a, b) => gapAfter(b) - gapAfter(a))
    .slice(0, GAPS);
  for (let before: Part | null = null; before !== body; ) {
    before = body;
    for (const i of widest) {
      const { first, end } = body;
      if (i < first || i >= end - 1) continue;
      const [under, over]: Part[] = [
        { first, end: i + 1 },
        { first: i + 1, end },
      ];
      if (isApart(buckets, gapAfter(i), over, under, total)) body = over;
      else if (isApart(buckets, gapAfter(i), under, over, total)) body = under;
    }
    const first = aboveFloors(buckets, body, total);
    if (first !== body.first) body = { first, end: body.end };
  }
  return body;
}

/** Share of a part's voxels in buckets that lie within [from, to]. */
function shareWithin({ low, high, before }: Buckets, { first, end }: Part, from: number, to: number): number {
  let count = 0;
  for (let i = first; i < end; i++) if (low[i] >= from && high[i] <= to) count += before[i + 1] - before[i];
  return count / (before[end] - before[first]);
}

/**
 * Hounsfield units have air near -1000 and soft tissue near 0, and next to nothing above 4000. Without air they cannot be
 * told from other values that are partly negative and of such a size.
 */
function looksLikeOf(buckets: Buckets, body: Part): LooksLike {
  const { low, high, before } = buckets;
  const at = (percent: number) =>
    bucketAt(buckets, before[body.first] + Math.floor((percent * (voxelsIn(buckets, body) - 1)) / 100));
  const [lowest, highest] = [low[at(1)], high[at(99)]];
  const fits = lowest >= -1500 && highest <= 4000;
  if (!fits) return 'MR';
  const air = shareWithin(buckets, body, ...AIR);
  if (air >= 0.002 && shareWithin(buckets, body, ...SOFT_TISSUE) >= 0.02) return 'CT';
  const negative = shareWithin(buckets, body, Number.NEGATIVE_INFINITY, -Number.MIN_VALUE);
  if (negative >= 0.01 && highest - lowest >= 50) return 'unknown';
  // A head in CT whose skull and fat were cut away has nothing negative but what fills the outside, and that is air.
  return body.first > 0 && isWithin(high[body.first - 1], AIR) ? 'unknown' : 'MR';
}

/** Percentile of the body's voxels above its smallest value; exact where a bucket holds one value, else within the bucket. */
function percentileAbove(buckets: Buckets, { first, end }: Part, percent: number): number {
  const { low, high, before } = buckets;
  // Of a bucket with several values, the smallest one is taken to be one voxel.
  const floor = low[first] === high[first] ? before[first + 1] : before[first] + 1;
  const count = before[end] - floor;
  if (count === 0) return low[first];
  const rank = floor + Math.round((percent / 100) * (count - 1));
  const bucket = bucketAt(buckets, rank);
  const within = (rank - before[bucket]) / Math.max(1, before[bucket + 1] - before[bucket] - 1);
  return low[bucket] + within * (high[bucket] - low[bucket]);
}

/** NaN and infinities do not count; a scan of nothing else has 0 everywhere. */
export function intensityOf(data: VoxelArray): Intensity {
  const buckets = bucketsOf(data);
  const { low, high, before } = buckets;
  const last = low.length - 1;
  if (last < 0) {
    const none = { min: 0, max: 0, low: 0, high: 0, fileMin: 0, fileMax: 0, below: 0, above: 0 };
    return { ...none, background: 0, looksLike: 'MR' };
  }
  const body = bodyOf(buckets);
  const [min, max, total] = [low[body.first], high[body.end - 1], before[last + 1]];
  const negative = shareWithin(buckets, body, Number.NEGATIVE_INFINITY, -Number.MIN_VALUE);
  const isFromZero = negative < 0.05 && min <= spreadOf(buckets, body);
  return {
    min,
    max,
    low: percentileAbove(buckets, body, 2),
    high: percentileAbove(buckets, body, 98),
    fileMin: low[0],
    fileMax: high[last],
    below: before[body.first] / total,
    above: 1 - before[body.end] / total,
    background: isFromZero ? 0 : min,
    looksLike: looksLikeOf(buckets, body),
  };
}

/**
 * What padding stands for in Hounsfield units: air. Padding that could be air stays what it is.
 * @param atMost the value that has to look like air, at most
 */
export const airOf = ({ min, fileMin }: Intensity, atMost: number): number =>
  Math.min(min, Math.max(fileMin, AIR_VALUE), atMost);

/** Of a whole volume: its reader's, or taken now where it was made in memory. */
export const intensityOfVolume = ({
  intensity,
  data,
}: {
  readonly intensity?: Intensity;
  readonly data: VoxelArray;
}): Intensity => intensity ?? intensityOf(data);

/**
 * The voxels with padding replaced: values below `min` by `background`, values above `max` too where they are many, and
 * by `max` where they are a few outliers.
 * @returns a copy, or `data` itself where there is nothing to replace
 */
export function* withoutPadding(
  data: VoxelArray,
  { min, max, below, above }: Intensity,
  background: number,
): Steps<VoxelArray> {
  if (below === 0 && above === 0) return data;
  const over = above < FEW ? max : background;
  const out = new Float32Array(data.length);
  for (let start = 0; start < out.length; start += PIECE) {
    const end = Math.min(out.length, start + PIECE);
    for (let i = start; i < end; i++) {
      const value = Math.fround(data[i]);
      out[i] = value < min ? background : value > max ? over : value;
    }
    yield;
  }
  return out;
}
