import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saying } from '../../testing/saying';
import type { Triple } from '../../volume/grid';
import { boundingBox, filledMask, nonzeroBox } from './nonzero';

const volume = ([d, h, w]: Triple, inside: readonly Triple[], value = 1) => {
  const data = new Int16Array(d * h * w);
  for (const [z, y, x] of inside) data[(z * h + y) * w + x] = value;
  return data;
};

describe('nonzeroBox', () => {
  it('spans the voxels that are not zero in any channel, negative ones too', () => {
    const dims: Triple = [5, 6, 7];
    const channels = [volume(dims, [[1, 4, 2]], -3), volume(dims, [[3, 2, 5]])];
    expect(nonzeroBox(channels, dims)).toEqual({ startDhw: [1, 2, 2], dimsDhw: [3, 3, 4] });
  });

  it('refuses a volume of zeros', () => {
    expect(() => nonzeroBox([new Float32Array(8)], [2, 2, 2])).toThrow(saying(/Every voxel of this volume is 0/));
  });

  it('finds one voxel anywhere', () => {
    fc.assert(
      fc.property(fc.nat(12), fc.nat(16), fc.nat(22), (z, y, x) => {
        const dims: Triple = [13, 17, 23];
        const box = boundingBox([volume(dims, [[z, y, x]])], dims, (v) => v > 0);
        expect(box).toEqual({ startDhw: [z, y, x], dimsDhw: [1, 1, 1] });
      }),
    );
  });
});

/** The definition: zeros that 6-connected steps through zeros reach from beyond the edge stay outside, one sweep at a time. */
function filledByDefinition(data: ArrayLike<number>, [d, h, w]: Triple): number[] {
  const at = (z: number, y: number, x: number) =>
    z < 0 || z >= d || y < 0 || y >= h || x < 0 || x >= w ? -1 : (z * h + y) * w + x;
  const outside = new Set([-1]);
  for (let before = 0; before !== outside.size; ) {
    before = outside.size;
    for (let z = 0; z < d; z++)
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++) {
          const steps = [
            at(z - 1, y, x),
            at(z + 1, y, x),
            at(z, y - 1, x),
            at(z, y + 1, x),
            at(z, y, x - 1),
            at(z, y, x + 1),
          ];
          if (data[at(z, y, x)] === 0 && steps.some((step) => outside.has(step))) outside.add(at(z, y, x));
        }
  }
  return Array.from(data, (_, i) => (outside.has(i) ? 0 : 1));
}

describe('filledMask', () => {
  it('fills a hole, and opens it when a single voxel of the wall is missing', () => {
    const shell = volume([3, 3, 3], []).fill(1);
    shell[13] = 0;
    expect([...filledMask([shell], [3, 3, 3])]).toEqual(new Array(27).fill(1));
    shell[4] = 0;
    expect([...filledMask([shell], [3, 3, 3])].filter((inside) => !inside)).toHaveLength(2);
  });

  it('equals the definition on random caves, at awkward sizes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 8 }),
        fc.infiniteStream(fc.nat(9)),
        (d, h, w, random) => {
          const data = Float32Array.from({ length: d * h * w }, () => ((random.next().value as number) < 6 ? 1 : 0));
          expect([...filledMask([data], [d, h, w])]).toEqual(filledByDefinition(data, [d, h, w]));
        },
      ),
      { numRuns: 200 },
    );
  });
});
