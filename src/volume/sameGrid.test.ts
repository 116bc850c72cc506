import { describe, expect, it } from 'vitest';
import type { Grid } from './grid';
import { requireEqualGrids } from './sameGrid';

const grid = (name: string, change: Partial<Grid> = {}): Grid & { name: string } => ({
  name,
  dimsXyz: [240, 240, 155],
  spacingXyz: [1, 1, 1],
  affine: [-1, 0, 0, 0, 0, -1, 0, 239, 0, 0, 1, 0, 0, 0, 0, 1],
  ...change,
});

describe('scans that are opened together', () => {
  it('may differ by the rounding of their headers', () => {
    const rounded = grid('b.nii', { affine: [-1.0001, 0, 0, 0, 0, -1, 0, 239.01, 0, 0, 1, 0, 0, 0, 0, 1] });
    expect(() => requireEqualGrids([grid('a.nii'), rounded])).not.toThrow();
  });

  it.each([
    ['another size', { dimsXyz: [182, 218, 182] as const }, '182 x 218 x 182'],
    ['another place', { affine: [-1, 0, 0, 0, 0, -1, 0, 234, 0, 0, 1, 0, 0, 0, 0, 1] as const }, '5.00 mm'],
    // The origin is the same: only the far corner shows it.
    ['other voxels', { affine: [-1, 0, 0, 0, 0, -1, 0, 239, 0, 0, 2, 0, 0, 0, 0, 1] as const }, '154.00 mm'],
    // Equal places of all corners but not of the same voxels.
    ['a mirrored axis', { affine: [1, 0, 0, -239, 0, -1, 0, 239, 0, 0, 1, 0, 0, 0, 0, 1] as const }, '239.00 mm'],
  ])('are refused with %s, in numbers', (_, change, said) => {
    const bad = () => requireEqualGrids([grid('a.nii'), grid('b.nii', change)]);
    expect(bad).toThrow(said);
    expect(bad).toThrow('b.nii');
    expect(bad).toThrow(expect.objectContaining({ name: 'InvalidInputError', code: 'grids-differ' }));
  });
});
