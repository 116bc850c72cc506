/** How sure finished planes are that what they label is anything at all; certainty.wgsl does the same on a GPU. */
import type { Triple } from '../../../volume/grid';
import type { PlaneCertainty } from '../contract';
import type { Probabilities } from './accumulate';

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
