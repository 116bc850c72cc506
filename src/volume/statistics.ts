import { determinant } from './affine';
import type { Affine } from './grid';
import type { LabelVolume } from './volume';

export interface LabelSize {
  readonly voxels: number;
  /** Millilitres: voxels x |det of the affine| mm^3 / 1000, right for sheared grids too. */
  readonly ml: number;
}

/** Millilitres of one voxel of a grid in mm. */
export const millilitresPerVoxel = (affine: Affine): number => Math.abs(determinant(affine)) / 1000;

/**
 * Size of every label that occurs, background (0) included, in ascending order of id. One pass over all voxels: for the
 * worker, not for the page's thread.
 */
export function labelVolumes(labels: LabelVolume): Map<number, LabelSize> {
  const { data } = labels;
  const counts = new Uint32Array(256);
  for (let i = 0; i < data.length; i++) counts[data[i]]++;
  const mlPerVoxel = millilitresPerVoxel(labels.affine);
  const sizes = new Map<number, LabelSize>();
  counts.forEach((voxels, id) => {
    if (voxels > 0) sizes.set(id, { voxels, ml: voxels * mlPerVoxel });
  });
  return sizes;
}

/** Size of several labels together. @param ids each counts once, however often it is named */
export function regionSize(ids: readonly number[], sizes: ReadonlyMap<number, LabelSize>): LabelSize {
  let [voxels, ml] = [0, 0];
  for (const id of new Set(ids)) {
    voxels += sizes.get(id)?.voxels ?? 0;
    ml += sizes.get(id)?.ml ?? 0;
  }
  return { voxels, ml };
}
