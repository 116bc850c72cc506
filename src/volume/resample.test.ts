import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allAtOnce } from '../core/steps';
import type { Triple } from './grid';
import { gridDims, resampleLinear } from './resample';

/** The definition, one output voxel of one axis at a time. */
function referenceAxis(data: Float32Array, dims: readonly number[], axis: number, m: number): Float32Array {
  const n = dims[axis];
  const outDims = dims.map((size, i) => (i === axis ? m : size));
  const out = new Float32Array(outDims[0] * outDims[1] * outDims[2]);
  for (let o = 0; o < out.length; o++) {
    const voxel = [o % outDims[0], Math.floor(o / outDims[0]) % outDims[1], Math.floor(o / (outDims[0] * outDims[1]))];
    const support = Math.max(1, n / m);
    const c = (voxel[axis] + 0.5) * (n / m) - 0.5;
    let [sum, weights] = [0, 0];
    for (let k = 0; k < n; k++) {
      const w = Math.max(0, 1 - Math.abs(k - c) / support);
      voxel[axis] = k;
      sum += w * data[voxel[0] + dims[0] * (voxel[1] + dims[1] * voxel[2])];
      weights += w;
    }
    out[o] = sum / weights;
  }
  return out;
}

function reference(data: Float32Array, dims: Triple, outDims: Triple): Float32Array {
  const x = referenceAxis(data, dims, 0, outDims[0]);
  const y = referenceAxis(x, [outDims[0], dims[1], dims[2]], 1, outDims[1]);
  return referenceAxis(y, [outDims[0], outDims[1], dims[2]], 2, outDims[2]);
}

const line = (values: readonly number[], m: number) =>
  allAtOnce(resampleLinear(Float32Array.from(values), [values.length, 1, 1], [m, 1, 1]));

describe('gridDims', () => {
  it('keeps the extent, rounds halves up, and never goes below one voxel', () => {
    expect(gridDims([110, 110, 110], [0.9, 1, 2], [1.5, 1, 1])).toEqual([66, 110, 220]);
    expect(gridDims([5, 3, 1], [1, 1, 1], [2, 2, 10])).toEqual([3, 2, 1]);
  });
});

describe('resampleLinear', () => {
  it('halving weighs a triangle two voxels wide, cut at the edge', () => {
    const [a, b] = line([10, 20, 40, 80], 2);
    expect(a).toBeCloseTo((0.75 * 10 + 0.75 * 20 + 0.25 * 40) / 1.75, 5);
    expect(b).toBeCloseTo((0.25 * 20 + 0.75 * 40 + 0.75 * 80) / 1.75, 5);
  });

  it('doubling interpolates linearly and repeats the edge', () => {
    expect([...line([0, 8], 4)]).toEqual([0, 2, 6, 8]);
  });

  it('agrees with the definition at awkward sizes, coarser and finer', () => {
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 23 }), fc.integer({ min: 1, max: 17 }), fc.integer({ min: 1, max: 13 })),
        fc.tuple(fc.integer({ min: 1, max: 23 }), fc.integer({ min: 1, max: 17 }), fc.integer({ min: 1, max: 13 })),
        fc.integer(),
        (dims, outDims, seed) => {
          const data = Float32Array.from(
            { length: dims[0] * dims[1] * dims[2] },
            (_, i) => Math.sin(i * 12.9898 + seed) * 1000,
          );
          const [actual, expected] = [allAtOnce(resampleLinear(data, dims, outDims)), reference(data, dims, outDims)];
          expect(actual.length).toBe(outDims[0] * outDims[1] * outDims[2]);
          actual.forEach((value, i) => {
            // float32 rounding of values up to 1000 on three axes
            expect(Math.abs(value - expected[i])).toBeLessThan(5e-4);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('lines longer than one strip of the inner loop agree with the definition', () => {
    const dims: Triple = [67, 53, 5];
    const data = Float32Array.from({ length: 67 * 53 * 5 }, (_, i) => Math.sin(i * 78.233));
    const expected = reference(data, dims, [67, 53, 3]);
    allAtOnce(resampleLinear(data, dims, [67, 53, 3])).forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(1e-6);
    });
  });

  it('a constant stays constant and a CT of int16 keeps its range', () => {
    const constant = allAtOnce(resampleLinear(new Int16Array(13 * 17 * 23).fill(-1024), [13, 17, 23], [7, 30, 23]));
    for (const value of constant) expect(Math.abs(value + 1024)).toBeLessThan(1e-3);
  });

  it('the same size is a float32 copy, not the array itself', () => {
    const data = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
    const copy = allAtOnce(resampleLinear(data, [2, 2, 2], [2, 2, 2]));
    expect(copy).toEqual(data);
    expect(copy).not.toBe(data);
  });

  it('one voxel out of many is their weighted mean', () => {
    const [value] = line([1, 2, 3, 4, 5], 1);
    expect(value).toBeCloseTo(3, 6);
  });
});
