import { describe, expect, it } from 'vitest';
import { allAtOnce } from '../core/steps';
import { readNpy } from '../testing/npy';
import { axisTaps } from './axisTaps';
import cases from './fixtures/resize.json';
import type { Triple } from './grid';
import { type SeparateAxis, type SplineOrder, splineResize } from './splineResize';

const fixture = (name: string) => readNpy(new URL(`./fixtures/${name}.npy`, import.meta.url));

describe('splineResize', () => {
  it.each(cases)('makes of $name what scikit-image and scipy make', ({ name, order, separate }) => {
    const input = fixture(`${name}.input`);
    const expected = fixture(`${name}.output`);
    const result = allAtOnce(
      splineResize(
        input.data,
        input.shape as unknown as Triple,
        expected.shape as unknown as Triple,
        order as SplineOrder,
        separate as SeparateAxis | null,
      ),
    );
    expect(result.length).toBe(expected.data.length);
    let worst = 0;
    for (let i = 0; i < result.length; i++) worst = Math.max(worst, Math.abs(result[i] - expected.data[i]));
    // Values reach 1024 in magnitude; float32 between the axes rounds them by up to 6e-5 each time.
    expect(worst).toBeLessThan(3e-4);
  });

  it('leaves a volume of the size wanted as it is, in a copy', () => {
    const data = Float32Array.from({ length: 24 }, (_, i) => i * i);
    const same = allAtOnce(splineResize(data, [2, 3, 4], [2, 3, 4], 3));
    expect([...same]).toEqual([...data]);
    expect(same).not.toBe(data);
  });

  it('keeps a constant volume constant, whatever the sizes', () => {
    const result = allAtOnce(splineResize(new Int16Array(5 * 1 * 3).fill(-7), [5, 1, 3], [13, 17, 2], 3));
    expect(new Set(result)).toEqual(new Set([-7]));
  });
});

describe('axisTaps', () => {
  it('doubles with weights of 3/4 and 1/4, and takes the end voxel beyond the ends', () => {
    const { lower, upper, fraction } = axisTaps(3, 6, 'linear');
    expect([...lower]).toEqual([0, 0, 0, 1, 1, 2]);
    expect([...upper]).toEqual([1, 1, 1, 2, 2, 2]);
    expect([...fraction]).toEqual([0, 0.25, 0.75, 0.25, 0.75, 0]);
  });

  it('takes the upper of two equally near voxels', () => {
    expect([...axisTaps(4, 2, 'nearest').lower]).toEqual([1, 3]);
  });
});
