/** The bytes of a NIfTI volume as numbers: byte order, datatype, scaling, and no NaN left in them. */
import { InvalidInputError } from '../../core/errors';
import { type Message, message } from '../../core/messages';
import { rounded } from '../../core/rounded';
import type { VoxelArray } from '../../volume/grid';
import { intensityOf } from '../../volume/intensity';
import type { NiftiHeader } from './niftiHeader';

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

const REFUSED: Readonly<Record<number, Message>> = {
  0: message('voxels-unknown-type'),
  1: message('voxels-binary'),
  32: message('voxels-complex64'),
  128: message('voxels-rgb24'),
  1536: message('voxels-float128'),
  1792: message('voxels-complex128'),
  2048: message('voxels-complex256'),
  2304: message('voxels-rgba32'),
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
  const what = REFUSED[header.datatype] ?? message('voxels-other', { type: header.datatype });
  throw new InvalidInputError('datatype-unsupported', { name, what });
}

/** Browsers hand no larger array from one thread to another. */
const MAX_VOLUME_BYTES = 2 ** 31 - 1;

/** @throws InvalidInputError('volume-too-large-for-page') when the voxels take more than a browser can hand over */
function requireHandy(voxels: number, bytesPerVoxel: number, { dimsXyz }: Pick<NiftiHeader, 'dimsXyz'>, name: string) {
  const bytes = voxels * bytesPerVoxel;
  if (bytes <= MAX_VOLUME_BYTES) return;
  const memory = `${(bytes / 1e9).toFixed(2)} GB`;
  throw new InvalidInputError('volume-too-large-for-page', { name, size: dimsXyz.join(' x '), memory });
}

/** What is done to every voxel; null where they are used as they are stored. */
function scalingOf({ slope, intercept }: Pick<NiftiHeader, 'slope' | 'intercept'>) {
  const isScaled = Number.isFinite(slope) && slope !== 0;
  if (!isScaled) return null;
  const added = Number.isFinite(intercept) ? intercept : 0;
  return slope === 1 && added === 0 ? null : { slope, intercept: added };
}

type Scaling = NonNullable<ReturnType<typeof scalingOf>>;

/** Types 8 to 32 bits wide that hold whole numbers; 64-bit ones are read as float64. */
const isIntegerType = ({ name, bytes }: Datatype) => name.includes('int') && bytes < 8;
const isWhole = ({ slope, intercept }: Scaling) => Number.isInteger(slope) && Number.isInteger(intercept);

/**
 * Refuses, before anything is allocated, what would not fit once it is read and scaled.
 * @throws InvalidInputError('volume-too-large-for-page')
 */
export function requireFits(header: NiftiHeader, datatype: Datatype, name: string): void {
  const voxels = header.dimsXyz[0] * header.dimsXyz[1] * header.dimsXyz[2];
  requireHandy(voxels, datatype.bytes, header, name);
  const scaling = scalingOf(header);
  if (scaling && !(isIntegerType(datatype) && isWhole(scaling))) requireHandy(voxels, 4, header, name);
}

/**
 * Turns the bytes into voxels. Reuses `bytes` wherever it can.
 * @param bytes exactly the voxels of one frame
 * @returns the file's own type where scl_slope and scl_inter change nothing; integers where both are whole and the values
 *   fit; else Float32Array
 * @throws InvalidInputError('no-finite-voxels' | 'volume-too-large-for-page')
 */
export function decodeVoxels(
  bytes: Uint8Array<ArrayBuffer>,
  header: NiftiHeader,
  name: string,
): { data: VoxelArray; warnings: Message[] } {
  const datatype = datatypeOf(header, name);
  if (header.littleEndian !== MACHINE_IS_LITTLE_ENDIAN) swapBytes(bytes, datatype.bytes);
  const values = datatype.view(bytes.buffer);

  const warnings: Message[] = [];
  const scaling = scalingOf(header);
  if (Number.isFinite(header.slope) && header.slope !== 0 && !Number.isFinite(header.intercept)) {
    warnings.push(message('intercept-not-finite', { intercept: String(header.intercept) }));
  }
  let data = values;
  if (scaling) {
    const room =
      isIntegerType(datatype) && isWhole(scaling)
        ? roomForIntegers(values, scaling, header, name)
        : datatype.bytes === 4
          ? new Float32Array(values.buffer as ArrayBuffer)
          : new Float32Array(values.length);
    data = scaled(values, scaling, room);
  }
  if (data instanceof Float32Array || data instanceof Float64Array) warnings.push(...replaceNonFinite(data, name));
  return { data, warnings };
}

/** Element i only overwrites bytes already read, where `out` lies on `values`. */
function scaled(values: VoxelArray, { slope, intercept }: Scaling, out: VoxelArray): VoxelArray {
  for (let i = 0; i < values.length; i++) out[i] = values[i] * slope + intercept;
  return out;
}

const INTEGERS = [
  { bytes: 1, low: 0, high: 2 ** 8 - 1, Type: Uint8Array },
  { bytes: 1, low: -(2 ** 7), high: 2 ** 7 - 1, Type: Int8Array },
  { bytes: 2, low: 0, high: 2 ** 16 - 1, Type: Uint16Array },
  { bytes: 2, low: -(2 ** 15), high: 2 ** 15 - 1, Type: Int16Array },
  { bytes: 4, low: 0, high: 2 ** 32 - 1, Type: Uint32Array },
  { bytes: 4, low: -(2 ** 31), high: 2 ** 31 - 1, Type: Int32Array },
] as const;

/** An array for the scaled integers: over the values themselves where their width is enough, else the narrowest that is. */
function roomForIntegers(values: VoxelArray, { slope, intercept }: Scaling, header: NiftiHeader, name: string) {
  let [smallest, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value < smallest) smallest = value;
    if (value > largest) largest = value;
  }
  const ends = [smallest * slope + intercept, largest * slope + intercept];
  const width = values.BYTES_PER_ELEMENT;
  const fitting = INTEGERS.find(
    ({ bytes, low, high }) => bytes >= width && low <= Math.min(...ends) && Math.max(...ends) <= high,
  );
  if (fitting?.bytes === width) return new fitting.Type(values.buffer as ArrayBuffer);
  requireHandy(values.length, fitting?.bytes ?? 4, header, name);
  return fitting ? new fitting.Type(values.length) : new Float32Array(values.length);
}

/** NaN and infinities mark "outside the scan": they become the background, in place. */
function replaceNonFinite(data: Float32Array | Float64Array, name: string): Message[] {
  let count = 0;
  // value - value is 0 for numbers, NaN for NaN and infinities: twice as fast as isFinite.
  for (let i = 0; i < data.length; i++) if (data[i] - data[i] !== 0) count++;
  if (count === 0) return [];
  if (count === data.length) {
    throw new InvalidInputError('no-finite-voxels', { name, count });
  }
  const { background } = intensityOf(data);
  for (let i = 0; i < data.length; i++) if (data[i] - data[i] !== 0) data[i] = background;
  return [message('voxels-not-finite', { count, background: rounded(background) })];
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
