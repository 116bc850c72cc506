import { determinant } from './affine';
import type { LabelVolume } from './volume';

export interface LabelSize {
  readonly voxels: number;
  /** Millilitres: voxels x |det of the affine| mm^3 / 1000, right for sheared grids too. */
  readonly ml: number;
}

/** Size of every label that occurs, background (0) included, in ascending order of id. */
export function labelVolumes(labels: LabelVolume): Map<number, LabelSize> {
  const counts = new Float64Array(256);
  for (const id of labels.data) counts[id]++;
  const mlPerVoxel = Math.abs(determinant(labels.affine)) / 1000;
  const sizes = new Map<number, LabelSize>();
  counts.forEach((voxels, id) => {
    if (voxels > 0) sizes.set(id, { voxels, ml: voxels * mlPerVoxel });
  });
  return sizes;
}
