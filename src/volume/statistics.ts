import { determinant } from './affine';
import type { Affine, LabelVolume } from './volume';

export interface LabelSize {
  readonly voxels: number;
  /** Millilitres: voxels x |det of the affine| mm^3 / 1000, right for sheared grids too. */
  readonly ml: number;
}

/** Millilitres of one voxel of a grid in mm. */
export const millilitresPerVoxel = (affine: Affine): number => Math.abs(determinant(affine)) / 1000;

/** Size of every label that occurs, background (0) included, in ascending order of id. */
export function labelVolumes(labels: LabelVolume): Map<number, LabelSize> {
  const counts = new Float64Array(256);
  for (const id of labels.data) counts[id]++;
  const mlPerVoxel = millilitresPerVoxel(labels.affine);
  const sizes = new Map<number, LabelSize>();
  counts.forEach((voxels, id) => {
    if (voxels > 0) sizes.set(id, { voxels, ml: voxels * mlPerVoxel });
  });
  return sizes;
}
