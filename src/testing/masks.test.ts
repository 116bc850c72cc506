import { describe, expect, it } from 'vitest';
import type { Triple } from '../volume/grid';
import { agreement } from './masks';

const mask = (data: number[]) => ({ dimsXyz: [data.length, 1, 1] as Triple, data: Uint8Array.from(data) });
const many = (label: number, count: number): number[] => new Array(count).fill(label);

describe('agreement', () => {
  it('names a small structure that is gone, which hardly counts among all voxels', () => {
    const with2 = mask([...many(0, 8000), ...many(1, 1990), ...many(2, 10)]);
    const without2 = mask([...many(0, 8000), ...many(1, 2000)]);
    const { all, labelled, apart } = agreement(with2, without2, 0.99);
    expect(all).toBeCloseTo(0.999, 9);
    expect(labelled).toBeCloseTo(0.995, 9);
    expect(apart).toEqual(['2: Dice 0.0000, 10 and 0 voxels']);
  });

  it('lets rounding move a voxel of a small structure', () => {
    const a = mask([...many(0, 50), ...many(1, 10)]);
    const b = mask([...many(0, 51), ...many(1, 9)]);
    expect(agreement(a, b, 0.99)).toMatchObject({ all: 59 / 60, labelled: 0.9, apart: [] });
    expect(agreement(a, a, 1)).toEqual({ all: 1, labelled: 1, apart: [] });
  });

  it('refuses masks of two sizes', () => {
    expect(() => agreement(mask([0]), mask([0, 0]), 1)).toThrow('Masks of 1,1,1 and 2,1,1 voxels.');
  });
});
