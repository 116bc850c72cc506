/** Interpolation to the output grid and argmax, packed to bytes. See finalize.wgsl. */
import type { Triple } from '../../../../volume/grid';
import { prelude } from '../../../gpu/pipelines';
import type { Kernel } from '../../../gpu/recorder';
import { specialize } from '../../../gpu/wgsl';
import type { Taps } from '../../geometry/taps';
import { declareRing, probabilityBytes, type RingShape, ringConstants } from '../ring';
import source from './finalize.wgsl?raw';

export interface FinalizeShape extends RingShape {
  readonly taps: readonly [Taps, Taps, Taps];
  /** Channels are regions: a word holds 1 + the last one above this, or 0. Absent: the first largest class. */
  readonly threshold?: number;
}

/** Words of four labels in one row of the output. */
export const labelWords = (columns: number): number => Math.ceil(columns / 4);

/** Bindings: slab (first plane, first row, ring's first row, ring's rows), taps (tapWords), ring, labels. */
export function finalizeKernel(shape: FinalizeShape, planes: number, rows: number): Kernel {
  const { classes, half, taps, threshold } = shape;
  const [NZ, NY, NX] = taps.map(({ lower }) => lower.length) as unknown as Triple;
  const [LERP_Z, LERP_Y, LERP_X] = taps.map(({ fraction }) => Array.from(fraction).some((f) => f !== 0));
  const QUADS = labelWords(NX);
  const constants = { ...ringConstants(shape), NZ, NY, NX, QUADS };
  const flags = { REGIONS: threshold !== undefined, LERP_Z, LERP_Y, LERP_X };
  const voxels = planes * rows * NX;
  return {
    label: `finalize ${classes} classes`,
    code: [
      prelude(constants),
      `const THRESHOLD = f32(${threshold ?? 0});\n`,
      declareRing(half, 'read', 2),
      specialize(source, { ...constants, ...flags }),
    ].join(''),
    access: ['uniform', 'read', 'read', 'write'],
    workgroups: [Math.ceil(QUADS / 32), rows, planes],
    flops: voxels * classes * 15,
    bytes: voxels * (1 + probabilityBytes(shape)),
  };
}

/** The three tables as the kernel reads them: (lower, upper, fraction) per output voxel, 12 bytes each. */
export function tapWords(taps: readonly [Taps, Taps, Taps]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(3 * taps.reduce((sum, { lower }) => sum + lower.length, 0));
  const floats = new Float32Array(words.buffer);
  let at = 0;
  for (const { lower, upper, fraction } of taps) {
    for (let i = 0; i < lower.length; i++, at += 3) {
      words[at] = lower[i];
      words[at + 1] = upper[i];
      floats[at + 2] = fraction[i];
    }
  }
  return words;
}
