import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allAtOnce } from '../../core/steps';
import { orderStatistics, percentileIntensities, rangeIntensities } from './normalize';

describe('orderStatistics', () => {
  it('finds what sorting finds, for negative, tiny and repeated values too', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 200 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (list, fraction) => {
          const values = new Float32Array(list);
          const min = Math.min(...values);
          const sorted = values.filter((v) => v > min).sort();
          fc.pre(sorted.length > 0);
          const rank = Math.floor(fraction * (sorted.length - 1));
          const [found] = allAtOnce(orderStatistics(values, min, [rank]));
          expect(found === sorted[rank]).toBe(true); // -0 and 0 are equal, and either may come first
        },
      ),
    );
  });
  it('works on a view that does not start at its buffer', () => {
    const values = new Float32Array(new Float32Array([9, 9, 3, 1, 2, 0]).buffer, 8);
    expect(allAtOnce(orderStatistics(values, 0, [0, 1, 2]))).toEqual([1, 2, 3]);
  });
});

describe('percentileIntensities', () => {
  it('maps the percentiles of the voxels above the minimum to 0 and 1, and clips', () => {
    // Above the minimum (-7): 0, 10, ..., 200; ranks floor(0.05 * 20) = 1 and floor(0.95 * 20) = 19.
    const values = Float32Array.from([-7, -7, -7, ...Array.from({ length: 21 }, (_, i) => 10 * i)]);
    const map = allAtOnce(percentileIntensities(values, 5, 95));
    expect(map).toEqual({ offset: 10, scale: 1 / 180, low: 0, high: 1 });
  });
  it('refuses a volume with one value everywhere and names the value', () => {
    expect(() => allAtOnce(percentileIntensities(new Float32Array(10).fill(42), 0.5, 99.5))).toThrow(
      expect.objectContaining({ code: 'constant-volume', parameters: { value: '42' } }),
    );
  });
  it('refuses a two-valued volume such as a mask', () => {
    expect(() => allAtOnce(percentileIntensities(new Float32Array([0, 0, 1, 1, 1]), 0.5, 99.5))).toThrow(
      expect.objectContaining({ code: 'constant-foreground', parameters: { value: '1' } }),
    );
  });
});

describe('rangeIntensities', () => {
  it('maps its ends to 0 and 1 whatever the scan holds', () => {
    const { offset, scale, low, high } = rangeIntensities(-200, 300);
    const map = (v: number) => Math.min(high, Math.max(low, (v - offset) * scale));
    expect([-1024, -200, -75, 50, 300, 3000].map(map)).toEqual([0, 0, 0.25, 0.5, 1, 1]);
  });
});
