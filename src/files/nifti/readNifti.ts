/** NIfTI file -> Volume. Whatever the bytes are, the outcome is a volume or an AppError; never a hang, never less data. */
import { AppError, InvalidInputError } from '../../core/errors';
import { message } from '../../core/messages';
import type { Grid } from '../../volume/grid';
import { intensityOf } from '../../volume/intensity';
import { recogniseLabelMap } from '../../volume/labelMap';
import type { Volume } from '../../volume/volume';
import { type ByteSource, openUnpacked } from '../byteSource';
import { readLabelTable } from './labelTable';
import { resolveAffine } from './niftiAffine';
import { HEADER_BYTES, type NiftiHeader, parseHeader } from './niftiHeader';
import { datatypeOf, decodeVoxels, requireFits } from './niftiVoxels';

/** Deflate packs at most 1032 bytes into one; a file that claims more is cut off. */
const MAX_GZIP_RATIO = 1040;
/** Bytes read past the voxels to reach the end of the gzip stream, where its checksum is. More means more frames. */
const MAX_TRAILING_BYTES = 1 << 20;
/** Of what lies between header and voxels: a table of 256 labels has 40 KB. */
const MOST_EXTENSION_BYTES = 1 << 20;

/**
 * Reads a NIfTI-1 or NIfTI-2 volume, packed with gzip or not (told by content, not by name).
 * @param file the file, or its bytes
 * @param name shown in messages and kept as the volume's name
 * @returns the first 3-D frame, intensities scaled, in the file's own voxel order
 * @throws InvalidInputError when the file is not a usable volume, which says why and what to do; CancelledError after `signal`
 *   aborts
 */
export async function readNifti(file: Blob | ArrayBuffer, name: string, signal?: AbortSignal): Promise<Volume> {
  const blob = file instanceof Blob ? file : new Blob([file]);
  return opened(
    blob,
    name,
    (source, gzip) => readVolume(source, gzip ? blob.size * MAX_GZIP_RATIO : blob.size, gzip, name),
    signal,
  );
}

/** Hands a file's (unpacked) bytes to `read`, and turns whatever fails into an InvalidInputError. */
async function opened<T>(
  blob: Blob,
  name: string,
  read: (source: ByteSource, gzip: boolean) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  try {
    const source = await openUnpacked(blob, name, signal);
    try {
      return await read(source, source.gzip);
    } finally {
      await source.close();
    }
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new InvalidInputError('nifti-invalid', { name }, { cause });
  }
}

/**
 * Where a file's voxels lie, without reading them.
 * @throws InvalidInputError as readNifti, for what its header shows
 */
export async function readNiftiGrid(file: Blob, name: string): Promise<Grid & { readonly name: string }> {
  return opened(file, name, async (source) => {
    const header = parseHeader(await source.read(HEADER_BYTES), name);
    const { affine, spacingXyz } = resolveAffine(header, name);
    return { name, dimsXyz: header.dimsXyz, spacingXyz, affine };
  });
}

async function readVolume(source: ByteSource, mostBytes: number, gzip: boolean, name: string): Promise<Volume> {
  const head = await source.read(HEADER_BYTES);
  const header = parseHeader(head, name);
  const datatype = datatypeOf(header, name);
  const { affine, spacingXyz, warnings, orientationDoubt } = resolveAffine(header, name);
  requireFits(header, datatype, name);

  const [nx, ny, nz] = header.dimsXyz;
  const needed = nx * ny * nz * datatype.bytes;
  const has = (bytes: number) => truncated(name, header, datatype.name, needed, bytes);
  if (header.voxOffset + needed > mostBytes) throw has(Math.max(0, mostBytes - header.voxOffset));
  const bytes = allocate(needed, header, name);
  // The header was read a few bytes too far for NIfTI-1 without extension: those are voxels already.
  const early = head.subarray(Math.min(header.voxOffset, head.length)).subarray(0, needed);
  bytes.set(early);
  const between = Math.max(0, header.voxOffset - head.length);
  const extension = await source.read(Math.min(between, MOST_EXTENSION_BYTES));
  await source.skip(between - extension.length);
  const filled = early.length + (await source.readInto(bytes.subarray(early.length)));
  if (filled < needed) throw has(filled);
  if (gzip && header.frames === 1) await source.skip(MAX_TRAILING_BYTES);

  const decoded = decodeVoxels(bytes, header, name);
  const frameWarning = header.frames > 1 ? [message('several-frames', { frames: header.frames })] : [];
  const text = new TextDecoder();
  const names = readLabelTable(text.decode(head.subarray(0, header.voxOffset)) + text.decode(extension));
  const labelMap = recogniseLabelMap(decoded.data, nx, header.intentCode, names);
  return {
    name,
    dimsXyz: header.dimsXyz,
    spacingXyz,
    affine,
    data: labelMap?.voxels ? new Uint8Array(decoded.data) : decoded.data,
    intensity: intensityOf(decoded.data),
    ...(labelMap && { labelMap }),
    warnings: [...warnings, ...frameWarning, ...decoded.warnings],
    forms: header.forms,
    ...(orientationDoubt && { orientationDoubt }),
  };
}

function truncated(name: string, header: NiftiHeader, type: string, needed: number, has: number): InvalidInputError {
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(bytes < 1e5 ? 4 : 1)} MB`;
  // Two sizes that read alike say nothing.
  const size = mb(needed) === mb(has) ? (bytes: number) => message('bytes', { bytes: String(bytes) }) : mb;
  return new InvalidInputError('voxels-truncated', {
    name,
    size: header.dimsXyz.join(' x '),
    type,
    needed: size(needed),
    has: size(has),
  });
}

function allocate(bytes: number, header: NiftiHeader, name: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    const size = header.dimsXyz.join(' x ');
    throw new InvalidInputError(
      'volume-too-large-to-hold',
      { name, size, memory: `${(bytes / 1e9).toFixed(1)} GB` },
      { cause },
    );
  }
}
