import { describe, expect, it } from 'vitest';
import type { Triple } from './grid';
import { middleOf } from './middleOf';

const labels = (dimsXyz: Triple, spacingXyz: Triple, ids: Readonly<Record<string, number>>) => {
  const data = new Uint8Array(dimsXyz[0] * dimsXyz[1] * dimsXyz[2]);
  for (const [at, id] of Object.entries(ids)) {
    const [x, y, z] = at.split(',').map(Number);
    data[x + dimsXyz[0] * (y + dimsXyz[1] * z)] = id;
  }
  return { data, dimsXyz, spacingXyz };
};

describe('the middle of a structure', () => {
  it('is the voxel at its centroid', () => {
    const line = labels([7, 5, 4], [1, 1, 1], { '1,2,3': 9, '2,2,3': 9, '3,2,3': 9, '6,4,0': 2 });
    expect(middleOf(line, 9)).toEqual([2, 2, 3]);
    expect(middleOf(line, 2)).toEqual([6, 4, 0]);
  });

  it('is one of its own voxels where the centroid lies outside', () => {
    const ends = { '0,0,0': 3, '0,4,0': 3, '4,4,0': 3 };
    expect(middleOf(labels([5, 5, 1], [1, 1, 1], ends), 3)).toEqual([0, 4, 0]);
    // In millimetres: x counts for much more than y.
    expect(middleOf(labels([5, 5, 1], [1, 10, 1], { '0,1,0': 3, '4,2,0': 3, '4,0,0': 3 }), 3)).toEqual([0, 1, 0]);
  });

  it('is null without the structure', () => {
    expect(middleOf(labels([2, 2, 2], [1, 1, 1], {}), 1)).toBeNull();
  });
});
