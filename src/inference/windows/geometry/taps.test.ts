import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InternalError } from '../../../core/errors';
import { nearestTaps } from '../../../testing/nearestTaps';
import { windowStarts } from './starts';
import { finishedPlanes, linearTaps, requireValidTaps, ringDepth } from './taps';

describe('linearTaps', () => {
  it('puts voxel centres of both grids over the same box', () => {
    const { lower, upper, fraction } = linearTaps(6, 3, 10);
    expect([...lower]).toEqual([10, 10, 10, 11, 11, 12]);
    expect([...upper]).toEqual([11, 11, 11, 12, 12, 12]);
    expect([...fraction]).toEqual([0, 0.25, 0.75, 0.25, 0.75, 0]);
  });
});

describe('nearestTaps', () => {
  it('takes the voxel that covers the output voxel’s centre', () => {
    const { lower, upper, fraction } = nearestTaps(5, 3, 1);
    expect([...lower]).toEqual([1, 1, 2, 3, 3]);
    expect([...upper]).toEqual([...lower]);
    expect([...fraction]).toEqual([0, 0, 0, 0, 0]);
  });
});

describe('requireValidTaps', () => {
  it.each([linearTaps(13, 5), linearTaps(1, 17), nearestTaps(7, 23, 4)])('accepts its own tables (%#)', (taps) => {
    expect(() => requireValidTaps(taps, 27, 'depth')).not.toThrow();
  });
  it('refuses a table that runs backwards, which a moving ring of planes cannot serve', () => {
    const { lower, upper, fraction } = linearTaps(5, 9);
    const backwards = { lower: lower.toReversed(), upper: upper.toReversed(), fraction };
    expect(() => requireValidTaps(backwards, 9, 'depth')).toThrow(InternalError);
  });
});

describe('finishedPlanes', () => {
  it('names every output plane once, in order, as soon as no later window touches what it reads', () => {
    // 16 planes, windows of 8 at 0, 4, 8; twice as many output planes: plane 7 reads 3 and 4, plane 6 reads 2 and 3.
    expect(finishedPlanes([0, 4, 8], linearTaps(32, 16))).toEqual([
      [0, 7],
      [7, 15],
      [15, 32],
    ]);
  });

  it('never needs a plane that the ring has already given to a later one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 }),
        fc.integer({ min: 0, max: 90 }),
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        fc.boolean(),
        (patch, extra, outputs, step, linear) => {
          const size = patch + extra;
          const starts = windowStarts(size, patch, step);
          const taps = linear ? linearTaps(outputs, size) : nearestTaps(outputs, size);
          const ranges = finishedPlanes(starts, taps);
          expect(ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))).toEqual(
            Array.from({ length: outputs }, (_, i) => i),
          );
          for (const [k, [from, to]] of ranges.entries()) {
            for (let z = from; z < to; z++) {
              // Held during step k: `depth` planes, the last of which is the windows' last.
              const last = starts[k] + patch - 1;
              expect(taps.upper[z]).toBeLessThanOrEqual(last);
              expect(taps.lower[z]).toBeGreaterThan(last - ringDepth(patch, size));
            }
          }
        },
      ),
    );
  });
});
