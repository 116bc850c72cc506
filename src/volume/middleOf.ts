/** Where to look for a structure. */
import type { Triple } from './grid';
import type { LabelVolume } from './volume';

/**
 * The voxel of a structure that lies nearest to its centroid, which may itself lie outside, as in a kidney's hilum.
 * @returns stored voxel indices; null where there is no such voxel
 */
export function middleOf(
  { data, dimsXyz, spacingXyz }: Omit<LabelVolume, 'affine' | 'name'>,
  id: number,
): Triple | null {
  const [nx, ny] = dimsXyz;
  const sum = [0, 0, 0];
  let count = 0;
  const at = (index: number): Triple => [index % nx, Math.floor(index / nx) % ny, Math.floor(index / (nx * ny))];
  for (let i = data.indexOf(id); i >= 0; i = data.indexOf(id, i + 1)) {
    const voxel = at(i);
    for (let axis = 0; axis < 3; axis++) sum[axis] += voxel[axis];
    count++;
  }
  if (count === 0) return null;
  let nearest: Triple | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (let i = data.indexOf(id); i >= 0; i = data.indexOf(id, i + 1)) {
    const voxel = at(i);
    const distance = voxel.reduce((all, value, axis) => all + ((value - sum[axis] / count) * spacingXyz[axis]) ** 2, 0);
    if (distance < least) [nearest, least] = [voxel, distance];
  }
  return nearest;
}
