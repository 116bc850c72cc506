/** The bytes of a NIfTI volume as numbers: byte order, datatype, scaling, and no NaN left in them. */
import { InvalidInputError } from '../errors';
import type { NiftiHeader } from './niftiHeader';
import type { VoxelArray } from './volume';

interface Datatype {
  readonly name: string;
  readonly bytes: 1 | 2 | 4 | 8;
  view(buffer: ArrayBuffer): VoxelArray;
}

const DATATYPES: Readonly<Record<number, Datatype>> = {
  2: { name: 'uint8', bytes: 1, view: (buffer) => new Uint8Array(buffer) },
  4: { name: 'int16', bytes: 2, view: (buffer) => new Int16Array(buffer) },
  8: { name: 'int32', bytes: 4, view: (buffer) => new Int32Array(buffer) },
  16: { name: 'float32', bytes: 4, view: (buffer) => new Float32Array(buffer) },
  64: { name: 'float64', bytes: 8, view: (buffer) => new Float64Array(buffer) },
  256: { name: 'int8', bytes: 1, view: (buffer) => new Int8Array(buffer) },
  512: { name: 'uint16', bytes: 2, view: (buffer) => new Uint16Array(buffer) },
  768: { name: 'uint32', bytes: 4, view: (buffer) => new Uint32Array(buffer) },
  // Exact up to 2^53; no scanner counts further.
  1024: { name: 'int64', bytes: 8, view: (buffer) => toDoubles(new BigInt64Array(buffer)) },
  1280: { name: 'uint64', bytes: 8, view: (buffer) => toDoubles(new BigUint64Array(buffer)) },
};

const REFUSED: Readonly<Record<number, string>> = {
  0: 'of unknown type',
  1: 'single bits (binary)',
  32: 'complex numbers (complex64)',
  128: 'colours (RGB24)',
  1536: '128-bit floats (float128)',
  1792: 'complex numbers (complex128)',
  2048: 'complex numbers (complex256)',
  2304: 'colours (RGBA32)',
};

/** In place, so that no second copy of a large scan is needed: element i only overwrites bytes already read. */
function toDoubles(values: BigInt64Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>): Float64Array {
  const doubles = new Float64Array(values.buffer);
  for (let i = 0; i < values.length; i++) doubles[i] = Number(values[i]);
  return doubles;
}

/** @throws InvalidInputError('datatype-unsupported') naming the type */
export function datatypeOf(header: NiftiHeader, name: string): Datatype {
  const datatype = DATATYPES[header.datatype];
  if (datatype) return datatype;
  throw new InvalidInputError(
    'datatype-unsupported',
    `The voxels of ${name} are ${REFUSED[header.datatype] ?? `of the unknown NIfTI type ${header.datatype}`}. Organscope segments scans with one real number per voxel (8 to 64 bit integers, float32, float64).`,
  );
}

/**
 * Turns the bytes into voxels. Reuses `bytes` wherever it can.
 * @param bytes exactly the voxels of one frame
 * @returns the file's own type, or Float32Array when scl_slope and scl_inter change the values
 * @throws InvalidInputError('no-finite-voxels')
 */
export function decodeVoxels(
  bytes: Uint8Array<ArrayBuffer>,
  header: NiftiHeader,
  name: string,
): { data: VoxelArray; warnings: string[] } {
  const datatype = datatypeOf(header, name);
  if (header.littleEndian !== MACHINE_IS_LITTLE_ENDIAN) swapBytes(bytes, datatype.bytes);
  const values = datatype.view(bytes.buffer);

  const warnings: string[] = [];
  const isScaled = Number.isFinite(header.slope) && header.slope !== 0;
  const slope = isScaled ? header.slope : 1;
  let intercept = isScaled ? header.intercept : 0;
  if (!Number.isFinite(intercept)) {
    warnings.push(`The file adds ${intercept} to every voxel (scl_inter), which cannot be; nothing is added.`);
    intercept = 0;
  }
  let data = values;
  if (slope !== 1 || intercept !== 0) {
    data = new Float32Array(values.length);
    for (let i = 0; i < values.length; i++) data[i] = values[i] * slope + intercept;
  }
  if (data instanceof Float32Array || data instanceof Float64Array) warnings.push(...replaceNonFinite(data, name));
  return { data, warnings };
}

/** NaN and infinities mark "outside the scan": they become the smallest real value, in place. */
function replaceNonFinite(data: Float32Array | Float64Array, name: string): string[] {
  let smallest = Number.POSITIVE_INFINITY;
  let count = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    // value - value is 0 for numbers, NaN for NaN and infinities: twice as fast as isFinite.
    if (value - value !== 0) count++;
    else if (value < smallest) smallest = value;
  }
  if (count === 0) return [];
  if (count === data.length) {
    throw new InvalidInputError(
      'no-finite-voxels',
      `${name} holds no numbers: all ${count} voxels are NaN or infinite. Export the scan again.`,
    );
  }
  for (let i = 0; i < data.length; i++) if (data[i] - data[i] !== 0) data[i] = smallest;
  return [`${count} voxels were NaN or infinite; they are taken as ${smallest}, the smallest value of the scan.`];
}

const MACHINE_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function swapBytes(bytes: Uint8Array, width: 1 | 2 | 4 | 8): void {
  if (width === 1) return;
  for (let i = 0; i < bytes.length; i += width) {
    for (let a = i, b = i + width - 1; a < b; a++, b--) {
      const byte = bytes[a];
      bytes[a] = bytes[b];
      bytes[b] = byte;
    }
  }
}
