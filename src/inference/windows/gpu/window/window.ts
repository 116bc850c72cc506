/** Window extraction with intensity normalisation. See window.wgsl. */
import type { Triple } from '../../../../volume/grid';
import { prelude } from '../../../gpu/pipelines';
import type { Kernel } from '../../../gpu/recorder';
import { WINDOW_PARAMS } from '../windowParams';
import source from './window.wgsl?raw';

export interface WindowShape {
  readonly channels: number;
  /** The scan's model grid. */
  readonly dimsDhw: Triple;
  /** Padding voxels before the scan's first one. */
  readonly belowDhw: Triple;
  readonly patchDhw: Triple;
  /** Planes of the scan held at a time. */
  readonly ring: number;
}

/** Bindings: window (windowParams), band (windowBand), intensity, values, cut. One thread per voxel of the window. */
export function windowKernel({ channels, dimsDhw, belowDhw, patchDhw, ring }: WindowShape): Kernel {
  const [D, H, W] = dimsDhw;
  const [PD, PH, PW] = patchDhw;
  const [BELOW_D, BELOW_H, BELOW_W] = belowDhw;
  const constants = { C: channels, D, H, W, RING: ring, PD, PH, PW, BELOW_D, BELOW_H, BELOW_W };
  return {
    label: `window ${patchDhw.join('x')}`,
    code: prelude(constants) + WINDOW_PARAMS + source,
    access: ['uniform', 'uniform', 'uniform', 'read', 'write'],
    workgroups: [Math.ceil(PW / 64), PH, PD],
    flops: 2 * channels * PD * PH * PW,
    bytes: 8 * channels * PD * PH * PW,
  };
}

/**
 * A band of the scan's rows, for `windowKernel`: 16 bytes.
 * @param from first row held
 * @param to row after the last
 * @param height rows of the scan: the first and last band also write what lies beyond it
 */
export function windowBand(from: number, to: number, height: number): Int32Array<ArrayBuffer> {
  const beyond = 2 ** 30;
  return Int32Array.of(from === 0 ? -beyond : from, to === height ? beyond : to, from, to - from);
}
