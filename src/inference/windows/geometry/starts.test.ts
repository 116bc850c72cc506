import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { padToPatch, roundHalfEven, windowStarts } from './starts';

describe('roundHalfEven', () => {
  it('rounds ties to the even neighbour, as numpy.round does', () => {
    expect([0.5, 1.5, 2.5, 3.5, 22.5, 23.5].map(roundHalfEven)).toEqual([0, 2, 2, 4, 22, 24]);
  });
  it('rounds everything else to the nearest integer', () => {
    expect([0.49, 0.51, 22.75, 7].map(roundHalfEven)).toEqual([0, 1, 23, 7]);
  });
});

describe('windowStarts', () => {
  it.each([
    [110, 64, 0.5, [0, 23, 46]],
    [64, 64, 0.5, [0]],
    [65, 64, 0.5, [0, 1]],
    [96, 64, 0.5, [0, 32]],
    [97, 64, 0.5, [0, 16, 33]], // 16.5 is a tie
    [99, 64, 0.5, [0, 18, 35]], // 17.5 is a tie
    [161, 64, 0.5, [0, 24, 48, 73, 97]],
    [23, 13, 1, [0, 10]],
    [17, 13, 0.25, [0, 2, 4]],
  ])('covers %i voxels with windows of %i at step %f from %j', (size, patch, step, starts) => {
    expect(windowStarts(size, patch, step)).toEqual(starts);
  });

  it('multiplies the rounded distance, as nnU-Net: 22 * 433 / 44 would be a tie', () => {
    expect(windowStarts(453, 20, 0.5)[22]).toBe(217);
  });

  it('leaves no voxel uncovered, stays inside, and never steps further than asked (plus rounding)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 96 }),
        fc.integer({ min: 0, max: 300 }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (patch, extra, step) => {
          const size = patch + extra;
          const starts = windowStarts(size, patch, step);
          expect(starts[0]).toBe(0);
          expect(starts[starts.length - 1]).toBe(extra);
          for (let i = 1; i < starts.length; i++) {
            expect(starts[i] - starts[i - 1]).toBeLessThanOrEqual(Math.ceil(patch * step + 1e-9) + 1);
            expect(starts[i] - starts[i - 1]).toBeGreaterThanOrEqual(0);
          }
        },
      ),
    );
  });

  it('refuses an axis that was not padded', () => {
    expect(() => windowStarts(13, 17, 0.5)).toThrow(/13.*17/);
  });
});

describe('padToPatch', () => {
  it('adds the odd voxel on the far side', () => {
    expect(padToPatch([13, 16, 17], [16, 16, 24])).toEqual({ paddedDhw: [16, 16, 24], belowDhw: [1, 0, 3] });
  });
  it('leaves larger axes alone', () => {
    expect(padToPatch([130, 16, 99], [16, 16, 16])).toEqual({ paddedDhw: [130, 16, 99], belowDhw: [0, 0, 0] });
  });
});
