import { describe, expect, it } from 'vitest';
import { allAtOnce } from '../core/steps';
import type { VoxelArray } from './grid';
import { intensityOf, type LooksLike, withoutPadding } from './intensity';

/** The same noise every time, in [0, 1). */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** Values of `count` voxels around `mean`, whole numbers. */
function around(mean: number, width: number, count: number, seed = 1): number[] {
  const random = noise(seed);
  return Array.from({ length: count }, () => Math.round(mean + width * (random() + random() + random() - 1.5)));
}

const many = (value: number, count: number): number[] => new Array(count).fill(value);

/** A brain without skull: 2000 voxels of tissue from 1 to about 250, of 8000. */
const brain = (background: number) => [
  ...many(background, 6000),
  ...around(120, 100, 2000).map((value) => Math.max(1, value)),
];
const chest = (air: number, more: number[] = []) => [
  ...around(air, 20, 3000),
  ...around(air + 1040, 60, 3000, 2),
  ...around(air + 1700, 400, 200, 3),
  ...more,
];

describe('percentiles', () => {
  it('are of the voxels above the minimum, so that background does not count', () => {
    const data = new Int16Array(2000);
    for (let i = 0; i < 1001; i++) data[i] = 100 + i;
    expect(intensityOf(data)).toMatchObject({ min: 0, max: 1100, low: 120, high: 1080 });
  });

  it.each([Float32Array, Float64Array, Int32Array, Int16Array, Uint16Array] as const)(
    'are within a bucket’s width of what sorting finds: %o',
    (Type) => {
      const random = noise(7);
      const data = new Type(Array.from({ length: 5000 }, () => 1000 * random() ** 2));
      const sorted = Float64Array.from(data).sort();
      const above = sorted.filter((value) => value > sorted[0]);
      const { low, high } = intensityOf(data);
      expect(Math.abs(low - above[Math.round(0.02 * (above.length - 1))])).toBeLessThan(1);
      expect(Math.abs(high - above[Math.round(0.98 * (above.length - 1))])).toBeLessThan(8);
    },
  );

  it('do not count NaN and infinities, and survive a scan of one value or of none', () => {
    const data = Float32Array.from([Number.NaN, -1, 2, Number.POSITIVE_INFINITY, 3, Number.NEGATIVE_INFINITY, 4]);
    expect(intensityOf(data)).toMatchObject({ min: -1, max: 4, low: 2, high: 4 });
    expect(intensityOf(new Uint8Array(13).fill(7))).toMatchObject({ min: 7, max: 7, low: 7, high: 7, below: 0 });
    expect(intensityOf(new Float32Array(17).fill(Number.NaN))).toMatchObject({ min: 0, max: 0, low: 0, high: 0 });
  });
});

describe('padding', () => {
  const plain = intensityOf(Float32Array.from(brain(0)));

  it.each([
    -1, -20, -1000, -1024, -2000, -32768, -3.4028234663852886e38, -1e300, 32767, 65535, 1e30, 3.4028234663852886e38,
  ])('%d is found and taken as the background of 0', (background) => {
    const data = Float64Array.from(brain(background));
    const intensity = intensityOf(data);
    const couldBeAir = background >= -1100 && background <= -700;
    const looksLike = couldBeAir ? 'unknown' : 'MR';
    expect(intensity).toMatchObject({ min: 1, max: plain.max, background: 0, looksLike });
    expect(intensity.below + intensity.above).toBeCloseTo(0.75, 9);
    expect([...allAtOnce(withoutPadding(data, intensity, intensity.background))]).toEqual(brain(0));
  });

  it('of two kinds, on one side or on both', () => {
    for (const [first, second] of [
      [-32768, -1000],
      [-1000, 32767],
      [-32768, 1e30],
    ]) {
      const data = Float32Array.from([...brain(first), ...many(second, 3000)]);
      const intensity = intensityOf(data);
      expect(intensity).toMatchObject({ min: 1, max: plain.max, background: 0 });
      expect([...allAtOnce(withoutPadding(data, intensity, 0))]).toEqual([...brain(0), ...many(0, 3000)]);
    }
  });

  it('that was resampled once is not quite one value', () => {
    const data = Int16Array.from([...around(-3000, 3, 5000), ...brain(0)]);
    expect(intensityOf(data)).toMatchObject({ min: 0, max: plain.max });
  });

  it('below a head in noise, some of it negative from resampling', () => {
    const head = [...around(10, 12, 4000), ...around(400, 300, 2000)];
    const data = Int16Array.from([...many(-1024, 3000), ...head]);
    const intensity = intensityOf(data);
    expect(intensity).toMatchObject({ min: Math.min(...head), below: 1 / 3, background: 0 });
  });

  it('below values that are far from 0 becomes the smallest of them', () => {
    const tissue = around(10_000, 60, 2000);
    const data = Float32Array.from([...many(0, 5000), ...tissue]);
    const intensity = intensityOf(data);
    expect(intensity).toMatchObject({ min: Math.min(...tissue), background: Math.min(...tissue) });
  });

  it.each([-2000, -3024, -9999, -32768])('%d below CT leaves CT', (value) => {
    const data = Int16Array.from(chest(-1000, many(value, 4000)));
    const intensity = intensityOf(data);
    expect(intensity).toMatchObject({ looksLike: 'CT', min: Math.min(...chest(-1000)), fileMin: value });
    expect(intensity.below).toBeCloseTo(4000 / data.length, 9);
  });

  it.each<[string, VoxelArray]>([
    ['a brain without skull', Uint8Array.from(brain(0))],
    ['CT', Int16Array.from(chest(-1000))],
    ['CT cut off at -1024', Int16Array.from(chest(-1000, many(-1024, 5000)))],
    ['a z-scored brain', Float32Array.from(brain(0), (value) => (value - 40) / 60)],
    ['a mask', Uint8Array.from([...many(0, 900), ...many(1, 100)])],
    ['a label map', Uint8Array.from([...many(0, 900), ...many(3, 50), ...many(4, 50), ...many(6, 9)])],
    ['a drawing of CT', Int16Array.from([...many(-1000, 900), ...many(50, 300), ...many(400, 100)])],
    ['phase', Int16Array.from({ length: 8192 }, (_, i) => i - 4096)],
    ['negative values throughout', Float32Array.from(around(-500, 300, 5000))],
    ['a bright vessel', Float32Array.from([...brain(0), 600, 700])],
  ])('is not found in %s', (_, data) => {
    const { below, above } = intensityOf(data);
    expect([below, above]).toEqual([0, 0]);
    expect(allAtOnce(withoutPadding(data, intensityOf(data), 0))).toBe(data);
  });
});

describe('outliers', () => {
  it('do not move the range, and are cut to it', () => {
    const data = Float32Array.from([...brain(0), 3e38, 1e6, -5e5]);
    const intensity = intensityOf(data);
    const { max } = intensityOf(Float32Array.from(brain(0)));
    expect(intensity).toMatchObject({ min: 0, max, fileMin: -5e5, background: 0 });
    expect(intensity.fileMax).toBeCloseTo(3e38, -32);
    expect([...allAtOnce(withoutPadding(data, intensity, 0)).slice(-3)]).toEqual([max, max, 0]);
  });
});

describe('looksLike', () => {
  it.each<[string, LooksLike, VoxelArray]>([
    ['CT', 'CT', Int16Array.from(chest(-1000))],
    ['CT with metal', 'CT', Int16Array.from(chest(-1000, [...many(30_000, 5), ...many(3071, 9)]))],
    ['unsigned CT without its intercept', 'MR', Uint16Array.from(chest(24).map((value) => Math.max(0, value)))],
    ['a piece of CT without air', 'unknown', Int16Array.from([...around(-100, 40, 2000), ...around(50, 60, 2000)])],
    ['CT of a brain cut out of its skull', 'unknown', Int16Array.from([...many(-1000, 5000), ...around(60, 30, 3000)])],
    ['MR from -500', 'unknown', Int16Array.from(brain(0), (value) => value * 10 - 500)],
    ['MR from -800 to 12000', 'MR', Int16Array.from(brain(0), (value) => value * 50 - 800)],
    ['MR magnitudes', 'MR', Int16Array.from(brain(0))],
    ['a z-scored brain', 'MR', Float32Array.from(brain(0), (value) => (value - 40) / 60)],
    ['phase', 'MR', Int16Array.from({ length: 8192 }, (_, i) => i - 4096)],
  ])('%s -> %s', (_, expected, data) => {
    expect(intensityOf(data).looksLike).toBe(expected);
  });
});
