/** The nearest voxel, edges aligned: a table that jumps, as a scheme without interpolation has it. */
import { type AxisTaps, axisTaps, shiftTaps } from '../volume/axisTaps';

/** @param below padding voxels that come before the first of the `inputs` */
export const nearestTaps = (outputs: number, inputs: number, below = 0): AxisTaps =>
  shiftTaps(axisTaps(inputs, outputs, 'nearest'), below);
