/** Builds small NIfTI files for tests, field by field, right or deliberately wrong. */
import type { Triple } from '../volume/grid';

export interface NiftiFields {
  readonly version?: 1 | 2;
  readonly littleEndian?: boolean;
  /** dim[0..7]; by default 3 dimensions of `dimsXyz`. */
  readonly dim?: readonly number[];
  readonly dimsXyz?: Triple;
  readonly datatype?: number;
  readonly bitpix?: number;
  /** pixdim[0..7]; by default the voxel size that `srows` has, else 1. */
  readonly pixdim?: readonly number[];
  readonly voxOffset?: number;
  readonly slope?: number;
  readonly intercept?: number;
  readonly units?: number;
  readonly qformCode?: number;
  readonly sformCode?: number;
  /** b, c, d, then x, y, z of the offset. */
  readonly quaternion?: readonly number[];
  /** 12 numbers. */
  readonly srows?: readonly number[];
  readonly magic?: string;
}

const BYTES: Readonly<Record<number, number>> = {
  2: 1,
  4: 2,
  8: 4,
  16: 4,
  64: 8,
  256: 1,
  512: 2,
  768: 4,
  1024: 8,
  1280: 8,
};

/** Header, the four extension bytes, then `voxels` written as `datatype` in the file's byte order. */
export function niftiFile(fields: NiftiFields = {}, voxels: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8]): ArrayBuffer {
  const { version = 1, littleEndian = true, dimsXyz = [2, 2, 2], datatype = 4 } = fields;
  const headerBytes = version === 1 ? 348 : 540;
  const voxOffset = fields.voxOffset ?? headerBytes + 4;
  const width = BYTES[datatype] ?? 1;
  const buffer = new ArrayBuffer(Math.max(headerBytes + 4, Math.ceil(voxOffset) || 0) + voxels.length * width);
  const view = new DataView(buffer);
  const int = (v1: number, v2: number, value: number, wide: 'short' | 'int' = 'short') => {
    if (version === 1) view.setInt16(v1, value, littleEndian);
    else if (wide === 'int') view.setInt32(v2, value, littleEndian);
    else view.setInt16(v2, value, littleEndian);
  };
  const reals = (v1: number, v2: number, values: readonly number[]) =>
    values.forEach((value, i) => {
      if (version === 1) view.setFloat32(v1 + 4 * i, value, littleEndian);
      else view.setFloat64(v2 + 8 * i, value, littleEndian);
    });

  view.setInt32(0, headerBytes, littleEndian);
  const dim = fields.dim ?? [3, ...dimsXyz, 1, 1, 1, 1];
  dim.forEach((n, i) => {
    if (version === 1) view.setInt16(40 + 2 * i, n, littleEndian);
    else view.setBigInt64(16 + 8 * i, BigInt(n), littleEndian);
  });
  int(70, 12, datatype);
  int(72, 14, fields.bitpix ?? width * 8);
  const size = (axis: number) => {
    const { srows } = fields;
    return srows ? Math.hypot(srows[axis], srows[4 + axis], srows[8 + axis]) : 1;
  };
  reals(76, 104, fields.pixdim ?? [1, size(0), size(1), size(2), 1, 1, 1, 1]);
  if (version === 1) view.setFloat32(108, voxOffset, littleEndian);
  else view.setBigInt64(168, BigInt(voxOffset), littleEndian);
  reals(112, 176, [fields.slope ?? 0, fields.intercept ?? 0]);
  if (version === 1) view.setUint8(123, fields.units ?? 2);
  else view.setInt32(500, fields.units ?? 2, littleEndian);
  int(252, 344, fields.qformCode ?? 0, 'int');
  int(254, 348, fields.sformCode ?? (fields.srows ? 1 : 0), 'int');
  reals(256, 352, fields.quaternion ?? [0, 0, 0, 0, 0, 0]);
  reals(280, 400, fields.srows ?? new Array(12).fill(0));
  const magic = fields.magic ?? (version === 1 ? 'n+1\0' : 'n+2\0\r\n\x1a\n');
  [...magic].forEach((c, i) => {
    view.setUint8((version === 1 ? 344 : 4) + i, c.charCodeAt(0));
  });
  const start = Math.max(headerBytes + 4, Math.floor(voxOffset) || 0);
  voxels.forEach((value, i) => {
    writeVoxel(view, start + i * width, datatype, value, littleEndian);
  });
  return buffer;
}

function writeVoxel(view: DataView, at: number, datatype: number, value: number, le: boolean): void {
  if (datatype === 4) view.setInt16(at, value, le);
  else if (datatype === 8) view.setInt32(at, value, le);
  else if (datatype === 16) view.setFloat32(at, value, le);
  else if (datatype === 64) view.setFloat64(at, value, le);
  else if (datatype === 256) view.setInt8(at, value);
  else if (datatype === 512) view.setUint16(at, value, le);
  else if (datatype === 768) view.setUint32(at, value, le);
  else if (datatype === 1024) view.setBigInt64(at, BigInt(value), le);
  else if (datatype === 1280) view.setBigUint64(at, BigInt(value), le);
  else view.setUint8(at, value);
}

/** The same bytes packed. */
export async function gzip(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  return new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer();
}

/** The bytes of a packed file. */
export async function gunzip(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
}
