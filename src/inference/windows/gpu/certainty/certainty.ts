/** How sure finished planes are that what they label is anything at all. See certainty.wgsl. */
import { prelude } from '../../../gpu/pipelines';
import { channelGroups, type Kernel } from '../../../gpu/recorder';
import { specialize } from '../../../gpu/wgsl';
import { probabilityBytes } from '../accumulate/accumulate';
import source from './certainty.wgsl?raw';

/** What a probability of 1 counts: planes of up to 4 million voxels fit in a word. */
export const CERTAINTY_SCALE = 1024;

export interface CertaintyShape {
  readonly classes: number;
  readonly ring: number;
  readonly width: number;
  readonly half: boolean;
  /** The ring has a channel of weights beside the classes. */
  readonly counted: boolean;
  /** Rows and columns of the padded grid that the scan fills: [from, to). */
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

/**
 * Bindings: planes (first plane, rows of the ring, first row), ring, sums. One thread per voxel of `planes` planes of
 * `rows` rows.
 */
export function certaintyKernel(shape: CertaintyShape, planes: number, rows: number): Kernel {
  const { classes, ring, width, half, counted } = shape;
  const GROUPS = channelGroups(classes + (counted ? 1 : 0));
  const [[TOP, BOTTOM], [LEFT, RIGHT]] = [shape.rows, shape.columns];
  const place = { TOP, BOTTOM, LEFT, RIGHT, SCALE: CERTAINTY_SCALE };
  const constants = { CLASSES: classes, GROUPS, W: width, RING: ring, ...place };
  const voxels = planes * rows * width;
  return {
    label: `certainty of ${classes} classes`,
    code: prelude(constants) + specialize(source, { ...constants, HALF: half }),
    access: ['uniform', 'read', 'write'],
    workgroups: [Math.ceil(width / 64), rows, planes],
    flops: voxels * GROUPS * 4,
    bytes: voxels * probabilityBytes(classes, half, counted),
  };
}
