/** Sizes of the structures of a label map. */
import type { Grid } from '../../volume/grid';
import { type LabelSize, labelVolumes } from '../../volume/statistics';
import type { Call } from '../../workers/calls';

/** Of the labels that are the call's only array, one byte a voxel; background included. */
export const countLabels: Call<Grid, ReadonlyMap<number, LabelSize>> = async (grid, { voxels }) =>
  labelVolumes({ ...grid, data: voxels[0] as Uint8Array });
