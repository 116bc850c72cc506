import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orientedCases, rotation } from '../testing/orientationFixture';
import { saying } from '../testing/saying';
import {
  apply,
  determinant,
  invert,
  isSingular,
  multiply,
  obliquityDegrees,
  orientationCode,
  spacingFromAffine,
} from './affine';
import type { Affine, Triple } from './grid';

const scaled = ([x, y, z]: Triple): Affine => [x, 0, 0, 4, 0, y, 0, -5, 0, 0, z, 6, 0, 0, 0, 1];
const angle = fc.double({ min: -180, max: 180, noNaN: true });
const length = fc.double({ min: 0.3, max: 8, noNaN: true });
const anyAffine = fc
  .tuple(fc.tuple(angle, angle, angle), fc.tuple(length, length, length))
  .map(([angles, lengths]) => multiply(rotation(angles), scaled(lengths)));

/** nibabel.aff2axcodes on these 3x3 matrices: random rotations and spacings, every second one sheared. */
const NIBABEL_CODES: readonly [string, readonly number[]][] = [
  ['LPS', [-3.777, -0.624, -0.929, 1.98, -3.034, -0.32, -2.603, -1.403, 1.105]],
  ['PSL', [-0.782, 1.218, -0.793, -3.926, -0.547, -0.017, -0.927, 1.289, 0.742]],
  ['PRS', [-0.227, 4.003, 2.216, -0.408, -2.439, -1.13, 0.007, 0.293, 0.949]],
  ['SPR', [-1.036, 0.089, 3.39, 1.777, -0.72, 0.928, 2.642, 0.519, 0.705]],
  ['AIL', [-2.108, -0.677, -2.433, 4.074, 0.212, -3.651, -1.15, -5.214, -0.376]],
  ['PSL', [-2.163, 1.445, -3.211, -2.422, -2.268, 2.23, -0.614, 3.856, 2.515]],
  ['LPS', [-0.943, 0.648, -0.937, -0.264, -2.729, 1.318, -0.359, 0.333, 1.301]],
  ['LIP', [-2.2, -0.475, 1.745, -1.151, -0.725, -2.945, 0.804, -2.336, 0.559]],
  ['LPS', [-0.421, 0.058, 0.262, 0.069, -0.565, 0.615, 0.003, 0.187, 0.924]],
  ['LPS', [-1.839, 0.676, -0.923, -0.715, -3.304, 0.516, -0.798, 1.4, 1.664]],
  ['LPS', [-0.542, 0.431, 1.28, -0.016, -2.479, 1.112, 0.252, 1.334, 2.004]],
];

describe('affine', () => {
  it('an inverse undoes its matrix on both sides', () => {
    fc.assert(
      fc.property(anyAffine, (affine) => {
        const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
        for (const product of [multiply(affine, invert(affine)), multiply(invert(affine), affine)]) {
          // float64 with values up to a few hundred
          product.forEach((value, i) => {
            expect(Math.abs(value - identity[i])).toBeLessThan(1e-11);
          });
        }
      }),
    );
  });

  it('multiplying matrices is applying the right one first', () => {
    const [a, b] = [rotation([10, 20, 30]), scaled([2, 3, 4])];
    const [x, y, z] = apply(multiply(a, b), [5, 7, 11]);
    const expected = apply(a, apply(b, [5, 7, 11]));
    [x, y, z].forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 12);
    });
  });

  it('rotation changes neither spacing nor voxel volume', () => {
    const affine = multiply(rotation([33, -71, 140]), scaled([0.7, 1.3, 5]));
    spacingFromAffine(affine).forEach((value, i) => {
      expect(value).toBeCloseTo([0.7, 1.3, 5][i], 12);
    });
    expect(determinant(affine)).toBeCloseTo(0.7 * 1.3 * 5, 12);
  });

  it('dependent, zero and non-finite columns are singular, and inverting them names the matrix', () => {
    const flat: Affine = [1, 2, 0, 0, 2, 4, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1];
    expect(isSingular(flat)).toBe(true);
    expect(isSingular(scaled([1, 0, 1]))).toBe(true);
    expect(isSingular(scaled([1, Number.NaN, 1]))).toBe(true);
    expect(isSingular(scaled([1e-3, 1e-3, 1e-3]))).toBe(false);
    expect(() => invert(flat)).toThrow(saying(/do not span space.*\[1,2,0,0\]/));
  });

  it('orientation codes are right for all 48 orientations, tilted or not', () => {
    for (const { title, code, affine } of orientedCases())
      expect(`${title}: ${orientationCode(affine)}`).toBe(`${title}: ${code}`);
  });

  it('orientation codes of strongly oblique and sheared axes are those of nibabel 5.4', () => {
    for (const [code, m] of NIBABEL_CODES) {
      const affine = [m[0], m[1], m[2], 0, m[3], m[4], m[5], 0, m[6], m[7], m[8], 0, 0, 0, 0, 1] as unknown as Affine;
      expect(orientationCode(affine)).toBe(code);
    }
  });

  it('obliquity is the largest angle to the nearest world axis', () => {
    expect(obliquityDegrees(scaled([1, 2, 3]))).toBe(0);
    expect(obliquityDegrees(multiply(rotation([0, 0, 12]), scaled([1, 2, 3])))).toBeCloseTo(12, 10);
    expect(obliquityDegrees(multiply(rotation([0, 0, 80]), scaled([1, 2, 3])))).toBeCloseTo(10, 10);
  });
});
