/**
 * Voxels between the page and its workers, without the page waiting for them. In a cross-origin-isolated page both read
 * the same shared memory. Elsewhere a worker gives what it has read away, and gets copies piece by piece: one structured
 * clone of a large scan would hold the page up for as long as copying it takes, and fails beyond 2 GB.
 */
import type { VoxelArray } from '../volume/grid';

/** An array as it crosses to a worker: null where its voxels went before, in pieces. */
export type Handed = VoxelArray | null;

/** A part of one array. */
export interface Piece {
  /** Which of the call's arrays. */
  readonly array: number;
  /** Voxels of the whole array, and before this piece. */
  readonly voxels: number;
  readonly start: number;
  readonly data: VoxelArray;
}

/** Copied in some milliseconds. */
const PIECE_BYTES = 8 * 2 ** 20;

const isShared = ({ buffer }: VoxelArray) =>
  typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer;

/** The voxels in memory that threads share, where there is such memory; else as they are. For workers: it copies. */
export function shareVoxels<T extends VoxelArray>(data: T): T {
  if (globalThis.crossOriginIsolated !== true || isShared(data)) return data;
  try {
    const shared = new (data.constructor as new (buffer: SharedArrayBuffer) => T)(
      new SharedArrayBuffer(data.byteLength),
    );
    shared.set(data);
    return shared;
  } catch {
    // No room for it: it is given away, and comes back in pieces.
    return data;
  }
}

/** What has to be given away with a message for its arrays not to be copied: shared memory must not. */
export const transferOf = (arrays: readonly VoxelArray[]): Transferable[] =>
  arrays.filter((data) => !isShared(data)).map(({ buffer }) => buffer as ArrayBuffer);

/** What goes with the call, and what has to go before it in pieces. The caller keeps its arrays. */
export function handOver(arrays: readonly VoxelArray[]): { handed: readonly Handed[]; pieces: Iterable<Piece> } {
  const goesAlong = (data: VoxelArray) => isShared(data) || data.byteLength <= PIECE_BYTES;
  return {
    handed: arrays.map((data) => (goesAlong(data) ? data : null)),
    pieces: piecesOf(arrays, goesAlong),
  };
}

function* piecesOf(arrays: readonly VoxelArray[], goesAlong: (data: VoxelArray) => boolean): Generator<Piece> {
  for (const [array, data] of arrays.entries()) {
    if (goesAlong(data)) continue;
    const step = PIECE_BYTES / data.BYTES_PER_ELEMENT;
    for (let start = 0; start < data.length; start += step) {
      yield { array, voxels: data.length, start, data: data.slice(start, start + step) };
    }
  }
}

/** Puts pieces together on the other side. */
export class Assembly {
  private readonly arrays: VoxelArray[] = [];
  private failure: unknown = null;

  add({ array, voxels, start, data }: Piece): void {
    if (this.failure) return;
    try {
      this.arrays[array] ??= new (data.constructor as new (length: number) => VoxelArray)(voxels);
      this.arrays[array].set(data, start);
    } catch (error) {
      this.failure = error;
      this.arrays.length = 0;
    }
  }

  /** @throws what putting them together failed with */
  whole(handed: readonly Handed[]): readonly VoxelArray[] {
    if (this.failure) throw this.failure;
    return handed.map((data, array) => data ?? this.arrays[array]);
  }
}

/** Whether an error says that memory ran out, for an array or for a message. */
export const isOutOfMemory = (error: unknown): boolean =>
  (error instanceof RangeError || error instanceof DOMException) &&
  /allocation failed|array length|out of memory/i.test(error.message);
