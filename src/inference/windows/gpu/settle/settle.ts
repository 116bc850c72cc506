/** Division by the weights and the activation that comes after averaging, on finished planes. See settle.wgsl. */
import { prelude } from '../../../gpu/pipelines';
import { channelGroups, type Kernel } from '../../../gpu/recorder';
import { specialize } from '../../../gpu/wgsl';
import type { Activation } from '../../contract';
import { probabilityBytes } from '../accumulate/accumulate';
import source from './settle.wgsl?raw';

export interface SettleShape {
  readonly classes: number;
  readonly ring: number;
  readonly width: number;
  readonly half: boolean;
  readonly activation: Activation;
  /** The ring has a channel of weights beside the classes, to divide by. */
  readonly counted: boolean;
}

/** Bindings: slab (first plane, rows of the ring), ring. One thread per voxel of `planes` planes of `rows` rows. */
export function settleKernel(shape: SettleShape, planes: number, rows: number): Kernel {
  const { classes, ring, width, half, activation, counted } = shape;
  const CLASS_GROUPS = channelGroups(classes);
  const GROUPS = channelGroups(classes + (counted ? 1 : 0));
  const constants = { CLASSES: classes, GROUPS, CLASS_GROUPS, W: width, RING: ring };
  const flags = { HALF: half, SOFTMAX: activation === 'softmax', SIGMOID: activation === 'sigmoid', COUNTED: counted };
  const voxels = planes * rows * width;
  return {
    label: `settle ${classes} classes`,
    code: prelude(constants) + specialize(source, { ...constants, ...flags }),
    access: ['uniform', 'write'],
    workgroups: [Math.ceil(width / 64), rows, planes],
    flops: voxels * CLASS_GROUPS * 4 * 4,
    bytes: 2 * voxels * probabilityBytes(classes, half, counted),
  };
}
