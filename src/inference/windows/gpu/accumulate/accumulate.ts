/** Activation, weights and sums of one window, on the ring of planes. See accumulate.wgsl. */
import type { Triple } from '../../../../volume/grid';
import { prelude } from '../../../gpu/pipelines';
import { channelGroups, type Kernel } from '../../../gpu/recorder';
import { specialize } from '../../../gpu/wgsl';
import type { Activation } from '../../contract';
import { declareRing, probabilityBytes, type RingShape, ringConstants, ringGroups } from '../ring';
import { WINDOW_PARAMS } from '../windowParams';
import source from './accumulate.wgsl?raw';

export interface AccumulateShape extends Omit<RingShape, 'counted'> {
  readonly patchDhw: Triple;
  /** Logits are (classes, D, H, W) rather than channels last, padded to fours. */
  readonly planar: boolean;
  /** Applied to the logits; softmax by default. */
  readonly activation?: Activation;
  /** In windows reversed along W, class c is the network's class exchange[c]. Absent: its own. */
  readonly exchange?: readonly number[];
  /** Least weight, for weights that are not normalised; their sum is then counted in one more channel. */
  readonly floor?: number;
}

/** Bits of a window's health word; a healthy one has VARIES alone. */
export const NOT_FINITE = 1;
export const VARIES = 2;

/**
 * Bindings: window (windowParams), band (first row, rows), weights, logits, ring, health. One thread per voxel of the
 * window; dispatched once per band that the window touches.
 */
export function accumulateKernel(shape: AccumulateShape): Kernel {
  const { classes, patchDhw, planar, half, activation = 'softmax', exchange, floor } = shape;
  const [PD, PH, PW] = patchDhw;
  const ring = { ...shape, counted: floor !== undefined };
  const LOGIT_GROUPS = channelGroups(classes);
  const constants = { ...ringConstants(ring), LOGIT_GROUPS, PD, PH, PW };
  const flags = {
    PLANAR: planar,
    SOFTMAX: activation === 'softmax',
    SIGMOID: activation === 'sigmoid',
    COUNTED: ring.counted,
    EXCHANGE: exchange !== undefined,
    SEPARATE: planar || exchange !== undefined,
  };
  const table = exchange ? `const EXCHANGED = array<u32, CLASSES>(${exchange.map((c) => `${c}u`).join(', ')});\n` : '';
  const voxels = PD * PH * PW;
  return {
    label: `accumulate ${classes} classes`,
    code: [
      prelude(constants),
      `const FLOOR = f32(${floor ?? 0});\n`,
      table,
      WINDOW_PARAMS,
      declareRing(half, 'write', 4),
      specialize(source, { ...constants, ...flags }),
    ].join(''),
    access: ['uniform', 'uniform', 'read', 'read', 'write', 'write'],
    workgroups: [Math.ceil(PW / 64), PH, PD],
    flops: voxels * ringGroups(ring) * 4 * 4,
    bytes: voxels * ((planar ? 4 * classes : 16 * LOGIT_GROUPS) + 2 * probabilityBytes(ring)),
  };
}
