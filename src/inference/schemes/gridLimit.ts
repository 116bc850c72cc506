/** How large a scan may become at a model's spacing. `unetrpp/inference/segmentation.py` has a twin. */
import { InvalidInputError } from '../../core/errors';
import { roundedTriple } from '../../core/rounded';
import type { Triple } from '../../volume/grid';
import type { Volume } from '../../volume/volume';

/** 2 GB of float32, all channels together: a body of 2 m at 1 mm has a fifth of it. */
const MAX_VOXELS = 2 ** 29;

/**
 * Called before anything is allocated: a voxel size that is wrong by a factor of ten makes a grid of thousands of times as
 * many voxels.
 * @param spacingDhw the model's, in any order of axes; null where the scan's is kept
 * @throws InvalidInputError('grid-too-large') naming the sizes
 */
export function requireGridFits(
  scans: readonly Pick<Volume, 'name' | 'dimsXyz' | 'spacingXyz'>[],
  spacingDhw: Triple | null,
): void {
  const [{ name, dimsXyz, spacingXyz }] = scans;
  const product = ([a, b, c]: Triple) => a * b * c;
  const voxels = scans.length * product(dimsXyz) * (spacingDhw ? product(spacingXyz) / product(spacingDhw) : 1);
  if (voxels <= MAX_VOXELS) return;
  const millions = (count: number) => String(Math.round(count / 1e6));
  throw new InvalidInputError('grid-too-large', {
    name,
    size: dimsXyz.join(' x '),
    spacing: roundedTriple(spacingXyz),
    millions: millions(voxels),
    wanted: roundedTriple(spacingDhw ?? spacingXyz),
    most: millions(MAX_VOXELS),
  });
}
