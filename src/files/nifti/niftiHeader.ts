/**
 * The NIfTI-1 and NIfTI-2 headers as plain, checked fields. nifti-reader-js 0.8 reads the raw fields only: its affine
 * is NaN for quaternions a rounding error above unit length, ignores the qform of NIfTI-2, and prefers the qform where
 * nibabel takes the sform; its extension parser can loop on a negative size. So it gets the bare header, and
 * `niftiAffine.ts` does the geometry.
 */
import { type NIFTI1, type NIFTI2, readHeader } from 'nifti-reader-js';
import { InvalidInputError } from '../../core/errors';
import { rounded } from '../../core/rounded';
import type { Triple } from '../../volume/grid';
import type { NiftiForms } from '../../volume/volume';
import { notReadable, recognise } from '../fileKinds';

/** Bytes that are always enough to parse either header. */
export const HEADER_BYTES = 544;

export interface NiftiHeader {
  readonly version: 1 | 2;
  readonly littleEndian: boolean;
  readonly dimsXyz: Triple;
  /** 3-D frames in the file: the product of dimensions 4 to 7. */
  readonly frames: number;
  readonly datatype: number;
  /** What the values mean: 1002 for labels. */
  readonly intentCode: number;
  /** First byte of the voxels. */
  readonly voxOffset: number;
  readonly slope: number;
  readonly intercept: number;
  readonly forms: NiftiForms;
}

/**
 * Reads and checks a header.
 * @param head the file's first HEADER_BYTES (unpacked) bytes, or all of them when it is shorter
 * @throws InvalidInputError with one of the codes 'file-empty', 'not-nifti', 'no-nifti-header', 'analyze-header',
 *   'header-truncated', 'nifti-pair', 'rank-invalid', 'dims-invalid', 'not-3d', 'too-many-voxels', 'vox-offset-invalid'
 */
export function parseHeader(head: Uint8Array<ArrayBuffer>, name: string): NiftiHeader {
  const { size, magic, littleEndian } = identify(head, name);
  if (magic === 'ni1' || magic === 'ni2') {
    throw new InvalidInputError('nifti-pair', { name });
  }
  if (head.length < size) {
    throw new InvalidInputError('header-truncated', { name, has: head.length, needed: size });
  }
  // Exactly the header: nothing for the library's extension parser to find.
  const raw = readHeader(head.slice(0, size).buffer) as NIFTI1 | NIFTI2;
  const version = size === 348 ? 1 : 2;
  const view = new DataView(head.buffer, head.byteOffset, size);
  const srows = Array.from({ length: 12 }, (_, i) =>
    version === 1 ? view.getFloat32(280 + 4 * i, littleEndian) : view.getFloat64(400 + 8 * i, littleEndian),
  );
  const { dimsXyz, frames } = checkDims(raw.dims, name);
  return {
    version,
    littleEndian,
    dimsXyz,
    frames,
    datatype: raw.datatypeCode,
    intentCode: raw.intent_code,
    voxOffset: checkVoxOffset(raw.vox_offset, size + 4, name),
    slope: raw.scl_slope,
    intercept: raw.scl_inter,
    forms: {
      version,
      pixdim: [...raw.pixDims],
      units: raw.xyzt_units,
      qformCode: raw.qform_code,
      sformCode: raw.sform_code,
      quaternion: [raw.quatern_b, raw.quatern_c, raw.quatern_d, raw.qoffset_x, raw.qoffset_y, raw.qoffset_z],
      srows,
    },
  };
}

/** Header size, magic and byte order, or an error that says what the file is instead. */
function identify(head: Uint8Array<ArrayBuffer>, name: string) {
  if (head.length === 0) throw notReadable(head, name);
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  for (const littleEndian of [true, false]) {
    const size = head.length >= 4 ? view.getInt32(0, littleEndian) : 0;
    if (size !== 348 && size !== 540) continue;
    const at = size === 348 ? 344 : 4;
    const magic = String.fromCharCode(...head.subarray(at, at + 3));
    if ((size === 348 ? ['n+1', 'ni1'] : ['n+2', 'ni2']).includes(magic)) return { size, magic, littleEndian };
    if (head.length < at + 4) {
      throw new InvalidInputError('header-truncated', { name, has: head.length, needed: size });
    }
    // A DICOM's first 128 bytes are free, and may look like anything.
    if (size === 348 && !recognise(head, '')) {
      throw new InvalidInputError('analyze-header', { name });
    }
  }
  throw notReadable(head, name);
}

/** Whether a file begins as NIfTI does, or as the older Analyze, which gets a sentence of its own. */
export function looksLikeNifti(head: Uint8Array): boolean {
  if (head.length < 4) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  return [348, 540].includes(view.getInt32(0, true)) || [348, 540].includes(view.getInt32(0, false));
}

function checkDims(dims: readonly number[], name: string): { dimsXyz: Triple; frames: number } {
  const rank = dims[0];
  if (!Number.isInteger(rank) || rank < 1 || rank > 7) {
    throw new InvalidInputError('rank-invalid', { name, rank });
  }
  // Beyond the third, 0 is a habit of some writers for "no such dimension".
  const used = dims.slice(1, rank + 1).map((n, i) => (i >= 3 && n === 0 ? 1 : n));
  if (used.some((n) => !Number.isInteger(n) || n < 1)) {
    throw new InvalidInputError('dims-invalid', { name, size: used.join(' x ') });
  }
  const [nx, ny = 1, nz = 1, ...rest] = used;
  const size = `${nx} x ${ny} x ${nz}`;
  if (nx < 2 || ny < 2 || nz < 2) throw new InvalidInputError('not-3d', { name, size });
  if (nx * ny * nz > 2 ** 31) throw new InvalidInputError('too-many-voxels', { name, size });
  return { dimsXyz: [nx, ny, nz], frames: rest.reduce((product, n) => product * n, 1) };
}

/** 0 is common and means "right after the header"; less than the header cannot be. */
function checkVoxOffset(offset: number, smallest: number, name: string): number {
  if (offset === 0) return smallest;
  if (!(offset >= smallest) || !Number.isSafeInteger(Math.floor(offset))) {
    throw new InvalidInputError('vox-offset-invalid', { name, offset: rounded(offset), header: smallest });
  }
  return Math.floor(offset);
}
