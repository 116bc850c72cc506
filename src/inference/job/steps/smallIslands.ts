/** Islands smaller than their label's `leastMl` become what is around them. */
import { dissolveIslands } from '../../../volume/islands';
import { millilitresPerVoxel } from '../../../volume/statistics';
import type { VoxelStep } from './step';

export const dissolveSmallIslands: VoxelStep = {
  name: 'small islands',
  applies: ({ manifest }) => manifest.labels.some(({ leastMl }) => leastMl !== undefined),
  *run({ manifest, labels }) {
    const mlPerVoxel = millilitresPerVoxel(labels.affine);
    yield* dissolveIslands(
      labels,
      manifest.labels.map(({ leastMl = 0 }) => leastMl / mlPerVoxel),
    );
  },
};
