/**
 * Slices at the base of an organ that a network labels without being sure of it: where a heart ends, a stack of slices
 * goes on. Twin of uncertain_base in unetrpp/pipeline.py.
 */
import type { Triple } from '../../../volume/grid';
import type { Probabilities } from './accumulate';

/** How sure a plane of the model grid is that what it labels is anything at all. */
export interface PlaneCertainty {
  /** Voxels whose first largest class is not background. */
  readonly labelled: number;
  /** One minus the probability of background, summed over them. */
  readonly certainty: number;
}

/**
 * The certainty of one plane.
 * @param plane of the padded grid; it must be in the ring
 * @param belowDhw where the scan begins on the padded grid
 * @param dimsDhw its size
 */
export function certaintyOf(
  { data, classes, dimsDhw: [ring, rows, columns] }: Probabilities,
  plane: number,
  belowDhw: Triple,
  dimsDhw: Triple,
): PlaneCertainty {
  let labelled = 0;
  let certainty = 0;
  for (let y = belowDhw[1]; y < belowDhw[1] + dimsDhw[1]; y++) {
    const row = ((plane % ring) * rows + y) * columns + belowDhw[2];
    for (let at = row * classes; at < (row + dimsDhw[2]) * classes; at += classes) {
      let isLabelled = false;
      for (let c = 1; c < classes; c++) if (data[at + c] > data[at]) isLabelled = true;
      if (!isLabelled) continue;
      labelled++;
      certainty += 1 - data[at];
    }
  }
  return { labelled, certainty };
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
