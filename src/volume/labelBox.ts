/** A box of labels out of a label volume: how a mask travels while it is still being made. */
import type { Box } from './box';
import type { LabelVolume } from './volume';

/** Labels of the voxels startXyz .. startXyz + dimsXyz - 1 of a scan, x fastest. */
export interface LabelBox extends Box {
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Copies a box into the volume it is a part of. */
export function writeBox({ data, dimsXyz }: Pick<LabelVolume, 'data' | 'dimsXyz'>, box: LabelBox): void {
  const [nx, ny] = dimsXyz;
  const [x0, y0, z0] = box.startXyz;
  const [bx, by, bz] = box.dimsXyz;
  for (let z = 0, from = 0; z < bz; z++) {
    for (let y = 0; y < by; y++, from += bx) {
      data.set(box.data.subarray(from, from + bx), x0 + nx * (y0 + y + ny * (z0 + z)));
    }
  }
}
