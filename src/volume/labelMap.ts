/** Whether a volume is a label map (a mask) and not a scan, and what its labels are called. */
import { message } from '../core/messages';
import type { VoxelArray } from './grid';
import type { LabelMapFindings, LabelName } from './volume';

/** NIFTI_INTENT_LABEL */
export const INTENT_LABEL = 1002;
/** Masks are bytes. */
const LARGEST_ID = 255;
/** Structures that a map without a word in its header may have: more values are those of a picture. */
const MOST_STRUCTURES = 128;
/** Part of the neighbours along x, both inside a structure, that have the same label: noise has few, structures many. */
const LEAST_EQUAL = 0.6;

/**
 * Recognises a label map: by its intent code; or by whole values that lie in blocks, either 0, 1, 2, ... with few numbers
 * left out, or 0 and one other (255, often). A phantom of a few grey values is none.
 * @param data x fastest, intensities scaled
 * @param nx voxels along x
 * @returns null for what is taken for a scan. `data` of a map that can be drawn fits into bytes.
 */
export function recogniseLabelMap(
  data: VoxelArray,
  nx: number,
  intentCode: number,
  names: readonly LabelName[],
): LabelMapFindings | null {
  const because = intentCode === INTENT_LABEL ? 'header' : 'values';
  const counts = new Uint32Array(LARGEST_ID + 1);
  let [equal, pairs, distinct] = [0, 0, 0];
  for (let i = 0, x = 0, before = 0; i < data.length; i++) {
    const id = data[i];
    // Most scans end here, at one of their first voxels.
    if (!(id >= 0 && id <= LARGEST_ID) || (id | 0) !== id) {
      if (because === 'values') return null;
      const value = String(Number(id.toPrecision(6)));
      const unusable = message('label-map-unusable', { value, largest: LARGEST_ID });
      return { because, voxels: null, unusable, names };
    }
    if (counts[id]++ === 0 && ++distinct > MOST_STRUCTURES + 1 && because === 'values') return null;
    if (x > 0 && id > 0 && before > 0) {
      pairs++;
      if (id === before) equal++;
    }
    before = id;
    x = x + 1 === nx ? 0 : x + 1;
  }
  const voxels = new Map<number, number>();
  counts.forEach((count, id) => {
    if (count > 0) voxels.set(id, count);
  });
  const largest = Math.max(...voxels.keys());
  const structures = voxels.size - (voxels.has(0) ? 1 : 0);
  const looksSo =
    voxels.has(0) &&
    structures > 0 &&
    structures <= MOST_STRUCTURES &&
    (2 * structures >= largest || structures === 1) &&
    equal >= LEAST_EQUAL * pairs;
  return because === 'header' || looksSo ? { because, voxels, unusable: null, names } : null;
}
