/**
 * Voxels between the page and its worker, without the page waiting for them. In a cross-origin-isolated page both read
 * the same shared memory. Elsewhere the worker gives what it has read away, and gets copies piece by piece: one
 * structured clone of a large scan would hold the page up for as long as copying it takes, and fails beyond 2 GB.
 */
import { InvalidInputError } from '../core/errors';
import { reasonOf } from '../core/messages';
import type { VoxelArray } from '../volume/grid';
import type { Volume } from '../volume/volume';

/** A volume as it crosses to the worker: null where its voxels went before, in pieces. */
export type HandedVolume = Omit<Volume, 'data'> & { readonly data: VoxelArray | null };

/** A part of one volume's voxels. */
export interface Piece {
  /** Which of the request's volumes. */
  readonly volume: number;
  /** Voxels of the whole volume, and before this piece. */
  readonly voxels: number;
  readonly start: number;
  readonly data: VoxelArray;
}

/** Copied in some milliseconds. */
const PIECE_BYTES = 8 * 2 ** 20;

const isShared = ({ buffer }: VoxelArray) =>
  typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer;

/** The volume with its voxels in memory that threads share, where there is such memory; else as it is. */
export function shareVoxels(volume: Volume): Volume {
  const { data } = volume;
  if (globalThis.crossOriginIsolated !== true || isShared(data)) return volume;
  try {
    const shared = new (data.constructor as new (buffer: SharedArrayBuffer) => VoxelArray)(
      new SharedArrayBuffer(data.byteLength),
    );
    shared.set(data);
    return { ...volume, data: shared };
  } catch {
    // No room for it: it is handed over in pieces.
    return volume;
  }
}

/** What of a volume has to be given away with the message: shared memory must not. */
export const transferOf = ({ data }: Volume): Transferable[] => (isShared(data) ? [] : [data.buffer as ArrayBuffer]);

/** What goes with the request, and what has to go before it in pieces. */
export function handOver(volumes: readonly Volume[]): { handed: HandedVolume[]; pieces: Iterable<Piece> } {
  const goesAlong = ({ data }: Volume) => isShared(data) || data.byteLength <= PIECE_BYTES;
  return {
    handed: volumes.map((volume) => (goesAlong(volume) ? volume : { ...volume, data: null })),
    pieces: piecesOf(volumes, goesAlong),
  };
}

function* piecesOf(volumes: readonly Volume[], goesAlong: (volume: Volume) => boolean): Generator<Piece> {
  for (const [index, volume] of volumes.entries()) {
    if (goesAlong(volume)) continue;
    const { data } = volume;
    const step = PIECE_BYTES / data.BYTES_PER_ELEMENT;
    for (let start = 0; start < data.length; start += step) {
      yield { volume: index, voxels: data.length, start, data: data.slice(start, start + step) };
    }
  }
}

/** Puts pieces together on the other side. */
export class Assembly {
  private readonly volumes: VoxelArray[] = [];
  private failure: unknown = null;

  add({ volume, voxels, start, data }: Piece): void {
    if (this.failure) return;
    try {
      this.volumes[volume] ??= new (data.constructor as new (length: number) => VoxelArray)(voxels);
      this.volumes[volume].set(data, start);
    } catch (error) {
      this.failure = error;
      this.volumes.length = 0;
    }
  }

  /** @throws what putting them together failed with */
  whole(handed: readonly HandedVolume[]): readonly Volume[] {
    if (this.failure) throw this.failure;
    return handed.map((volume, index) => ({ ...volume, data: volume.data ?? this.volumes[index] }));
  }
}

/** The error for voxels that do not fit into memory, or through a message. */
export function tooLarge(volumes: readonly Omit<Volume, 'data'>[], cause: unknown): InvalidInputError {
  const [{ name, dimsXyz }] = volumes;
  const voxels = dimsXyz[0] * dimsXyz[1] * dimsXyz[2];
  const millions = voxels < 1e8 ? (voxels / 1e6).toFixed(1) : Math.round(voxels / 1e6);
  return new InvalidInputError(
    'volume-too-large',
    {
      name,
      size: dimsXyz.join(' x '),
      millions: String(millions),
      others: volumes.length - 1,
      why: reasonOf(cause),
    },
    { cause },
  );
}

/** Whether an error says that memory ran out, for an array or for a message. */
export const isOutOfMemory = (error: unknown): boolean =>
  (error instanceof RangeError || error instanceof DOMException) &&
  /allocation failed|array length|out of memory/i.test(error.message);
