import { expect, it } from 'vitest';
import { labelVolumes, regionSize } from './statistics';

it('millilitres come from the determinant, so shear and mirrored axes count right', () => {
  const labels = {
    dimsXyz: [3, 2, 2] as const,
    spacingXyz: [2, 2, Math.hypot(1, 5)] as const,
    // z axis sheared along x: a voxel is 2 x 2 x 5 mm^3; x mirrored
    affine: [-2, 0, 1, 0, 0, 2, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1] as const,
    data: Uint8Array.from([0, 0, 0, 7, 7, 7, 7, 7, 255, 0, 0, 0]),
  };
  expect([...labelVolumes(labels)]).toEqual([
    [0, { voxels: 6, ml: 0.12 }],
    [7, { voxels: 5, ml: 0.1 }],
    [255, { voxels: 1, ml: 0.02 }],
  ]);
});

it('a region is the union of its labels: one named twice counts once, one that does not occur not at all', () => {
  const sizes = new Map([
    [1, { voxels: 3, ml: 0.5 }],
    [2, { voxels: 4, ml: 0.75 }],
    [9, { voxels: 50, ml: 5 }],
  ]);
  expect(regionSize([1, 2, 2, 7], sizes)).toEqual({ voxels: 7, ml: 1.25 });
  expect(regionSize([7], sizes)).toEqual({ voxels: 0, ml: 0 });
});
