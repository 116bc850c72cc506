import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { monaiStarts, monaiTiling } from './tiling';

describe('monaiStarts', () => {
  it.each([
    [110, 64, 0.5, [0, 32, 46]],
    [96, 96, 0.8, [0]],
    [120, 96, 0.8, [0, 19, 24]],
    [10, 4, 0.99, [0, 1, 2, 3, 4, 5, 6]],
    [128, 64, 0, [0, 64]],
  ])('%i voxels, patch %i, overlap %f', (size, patch, overlap, starts) => {
    expect(monaiStarts(size, patch, overlap)).toEqual(starts);
  });

  it('covers the axis, ascending, the last window flush with the end', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(100),
        fc.double({ min: 0, max: 0.95, noNaN: true }),
        (patch, extra, overlap) => {
          const starts = monaiStarts(patch + extra, patch, overlap);
          expect(starts[starts.length - 1]).toBe(extra);
          for (let i = 1; i < starts.length; i++) {
            expect(starts[i]).toBeGreaterThan(starts[i - 1]);
            expect(starts[i] - starts[i - 1]).toBeLessThanOrEqual(patch);
          }
        },
      ),
    );
  });
});

describe('monaiTiling', () => {
  const tiling = { overlap: 0.5, mode: 'gaussian', sigmaScale: 0.125 } as const;

  it('has a floor only where the Gaussian falls below it and windows overlap', () => {
    expect(monaiTiling([12, 12, 12], [8, 8, 8], tiling).weightFloor).toBe(1e-3);
    expect(monaiTiling([8, 8, 8], [8, 8, 8], tiling).weightFloor).toBeUndefined();
    expect(monaiTiling([12, 12, 12], [8, 8, 8], { ...tiling, sigmaScale: 0.5 }).weightFloor).toBeUndefined();
    expect(monaiTiling([12, 12, 12], [8, 8, 8], { ...tiling, mode: 'constant' }).weightFloor).toBeUndefined();
  });
});
