/** Division by the weights and the activation that comes after averaging, on finished planes. See settle.wgsl. */
import { prelude } from '../../../gpu/pipelines';
import { channelGroups, type Kernel } from '../../../gpu/recorder';
import { specialize } from '../../../gpu/wgsl';
import type { Activation } from '../../contract';
import { declareRing, probabilityBytes, type RingShape, ringConstants } from '../ring';
import source from './settle.wgsl?raw';

export interface SettleShape extends RingShape {
  readonly activation: Activation;
}

/** Bindings: slab (first plane, rows of the ring), ring. One thread per voxel of `planes` planes of `rows` rows. */
export function settleKernel(shape: SettleShape, planes: number, rows: number): Kernel {
  const { classes, width, half, activation, counted = false } = shape;
  const CLASS_GROUPS = channelGroups(classes);
  const constants = { ...ringConstants(shape), CLASS_GROUPS };
  const flags = { SOFTMAX: activation === 'softmax', SIGMOID: activation === 'sigmoid', COUNTED: counted };
  const voxels = planes * rows * width;
  return {
    label: `settle ${classes} classes`,
    code: prelude(constants) + declareRing(half, 'write', 1) + specialize(source, { ...constants, ...flags }),
    access: ['uniform', 'write'],
    workgroups: [Math.ceil(width / 64), rows, planes],
    flops: voxels * CLASS_GROUPS * 4 * 4,
    bytes: 2 * voxels * probabilityBytes(shape),
  };
}
