/** How sure finished planes are that what they label is anything at all. See certainty.wgsl. */
import { prelude } from '../../../gpu/pipelines';
import type { Kernel } from '../../../gpu/recorder';
import { specialize } from '../../../gpu/wgsl';
import { declareRing, probabilityBytes, type RingShape, ringConstants, ringGroups } from '../ring';
import source from './certainty.wgsl?raw';

/** What a probability of 1 counts: planes of up to 4 million voxels fit in a word. */
export const CERTAINTY_SCALE = 1024;

export interface CertaintyShape extends RingShape {
  /** Rows and columns of the padded grid that the scan fills: [from, to). */
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

/**
 * Bindings: planes (first plane, rows of the ring, first row), ring, sums. One thread per voxel of `planes` planes of
 * `rows` rows.
 */
export function certaintyKernel(shape: CertaintyShape, planes: number, rows: number): Kernel {
  const { classes, width, half } = shape;
  const [[TOP, BOTTOM], [LEFT, RIGHT]] = [shape.rows, shape.columns];
  const place = { TOP, BOTTOM, LEFT, RIGHT, SCALE: CERTAINTY_SCALE };
  const constants = { ...ringConstants(shape), ...place };
  const voxels = planes * rows * width;
  return {
    label: `certainty of ${classes} classes`,
    code: prelude(constants) + declareRing(half, 'read', 1) + specialize(source, constants),
    access: ['uniform', 'read', 'write'],
    workgroups: [Math.ceil(width / 64), rows, planes],
    flops: voxels * ringGroups(shape) * 4,
    bytes: voxels * probabilityBytes(shape),
  };
}
