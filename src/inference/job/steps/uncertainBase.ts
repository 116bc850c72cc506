/**
 * Slices at the base of an organ that a network labels without being sure of it become background: where a heart ends, a
 * stack of slices goes on. Twin of uncertain_base in unetrpp/inference/schemes/organscope.py.
 */
import { nativeBox } from '../../../volume/axisOrder';
import { writeBox } from '../../../volume/labelBox';
import type { PlaneCertainty, WindowJob } from '../../windows/contract';
import type { VoxelStep } from './step';

export const clearUncertainBase: VoxelStep = {
  name: 'uncertain base',
  applies: ({ job }) => job.baseCertainty !== undefined,
  *run({ job, certainties, labels, output }) {
    for (const plane of uncertainPlanes(job, certainties)) {
      const background = new Uint8Array(job.taps[1].lower.length * job.taps[2].lower.length);
      writeBox(labels, nativeBox(output, plane, background));
      yield;
    }
  },
};

/** Planes of the output grid whose nearest plane of the model grid belongs to an uncertain base. */
function uncertainPlanes({ baseCertainty, taps, belowDhw }: WindowJob, planes: readonly PlaneCertainty[]): number[] {
  if (baseCertainty === undefined) return [];
  const marked = uncertainBase(planes, baseCertainty);
  const { lower, upper, fraction } = taps[0];
  const nearest = Array.from(lower, (low, i) => (fraction[i] < 0.5 ? low : upper[i]) - belowDhw[0]);
  return nearest.flatMap((plane, output) => (marked[plane] ? [output] : []));
}

/**
 * Which planes belong to an uncertain base: from the end that has more labelled in its half, up to the first plane whose
 * labelled voxels are on average as certain as `least`. None where no plane is: then it says nothing about the base.
 */
export function uncertainBase(planes: readonly PlaneCertainty[], least: number): boolean[] {
  const half = Math.floor(planes.length / 2);
  const labelledIn = (some: readonly PlaneCertainty[]) => some.reduce((sum, { labelled }) => sum + labelled, 0);
  const isFirst = labelledIn(planes.slice(0, half)) > labelledIn(planes.slice(planes.length - half));
  const fromBase = isFirst ? planes : planes.toReversed();
  const isSure = ({ labelled, certainty }: PlaneCertainty) => labelled > 0 && certainty >= least * labelled;
  const end = fromBase.findIndex(isSure);
  const marked = fromBase.map((_, i) => i < end);
  return isFirst ? marked : marked.reverse();
}
