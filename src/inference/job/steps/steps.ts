/** The steps between the last window and the result, in the order in which they are done. */
import type { Steps } from '../../../core/steps';
import { dissolveSmallIslands } from './smallIslands';
import type { Finished, VoxelStep } from './step';
import { clearUncertainBase } from './uncertainBase';

/** `unetrpp/inference/segmentation.py` does the same, in the same order. */
const VOXEL_STEPS: readonly VoxelStep[] = [clearUncertainBase, dissolveSmallIslands];

/** Does every step that the model asks for. */
export function* runVoxelSteps(finished: Finished, steps: readonly VoxelStep[] = VOXEL_STEPS): Steps<void> {
  for (const step of steps) if (step.applies(finished)) yield* step.run(finished);
}
