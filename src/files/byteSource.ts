/** Reading a file front to back, unpacking gzip on the way, without ever holding more of it than asked for. */
import { CancelledError, InvalidInputError } from '../core/errors';
import { message, reasonOf } from '../core/messages';
import { GzipError, gunzipStream, isGzip } from './gunzip';

/** A forward-only reader of (unpacked) bytes. Every method throws only AppErrors. */
export interface ByteSource {
  /** Up to `count` bytes; fewer only at the end of the file. */
  read(count: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Fills `target` as far as the file goes; returns the number of bytes written. */
  readInto(target: Uint8Array): Promise<number>;
  /** Passes over up to `count` bytes; returns how many there were. */
  skip(count: number): Promise<number>;
  close(): Promise<void>;
}

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;
const platformStream = (packed: Bytes): Bytes =>
  packed.pipeThrough(
    new DecompressionStream('gzip') as ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array>,
  ) as Bytes;
const asItIs = (bytes: Bytes): Bytes => bytes;

/**
 * Opens a file for reading, unpacked when `gzip`.
 * The platform's DecompressionStream goes first: it is half as fast again. Where it gives up, as browsers do at a second
 * member or at bytes behind the last one, `gunzipStream` starts over and goes on from there.
 */
export function openBytes(file: Blob, gzip: boolean, name: string, signal?: AbortSignal): ByteSource {
  const open = (unpack: (packed: Bytes) => Bytes) => unpack(file.stream() as Bytes).getReader();
  let reader = open(gzip ? platformStream : asItIs);
  let mayStartOver = gzip;
  let chunk: Uint8Array = new Uint8Array(0);
  /** Unpacked bytes in the chunks so far. */
  let received = 0;

  /** The next chunk, empty ones left out; null at the end. */
  async function nextChunk(): Promise<Uint8Array | null> {
    for (let repeated = 0; ; ) {
      try {
        const next = await reader.read();
        if (next.done) return null;
        const fresh = next.value.subarray(Math.min(repeated, next.value.length));
        repeated -= next.value.length - fresh.length;
        received += fresh.length;
        if (fresh.length > 0) return fresh;
      } catch (cause) {
        if (!mayStartOver || cause instanceof DOMException) throw readingError(name, gzip, cause);
        mayStartOver = false;
        reader = open(gunzipStream);
        repeated = received;
      }
    }
  }

  /** Hands the next chunks, cut so that they end after `count` bytes, to `take`. */
  async function pull(count: number, take: (part: Uint8Array, at: number) => void): Promise<number> {
    let done = 0;
    while (done < count) {
      if (chunk.length === 0) {
        if (signal?.aborted) throw new CancelledError();
        const next = await nextChunk();
        if (!next) break;
        chunk = next;
      }
      const part = chunk.subarray(0, Math.min(chunk.length, count - done));
      take(part, done);
      chunk = chunk.subarray(part.length);
      done += part.length;
    }
    return done;
  }

  const readInto = (target: Uint8Array) => pull(target.length, (part, at) => target.set(part, at));

  return {
    async read(count) {
      const target = new Uint8Array(count);
      return target.subarray(0, await readInto(target));
    },
    readInto,
    skip: (count) => pull(count, () => {}),
    close: () => reader.cancel().catch(() => {}),
  };
}

/**
 * Opens a file for reading, unpacked where its first bytes say that it is gzip.
 * @param signal reading fails with CancelledError after it aborts
 * @throws InvalidInputError('file-unreadable')
 */
export async function openUnpacked(
  file: Blob,
  name: string,
  signal?: AbortSignal,
): Promise<ByteSource & { readonly gzip: boolean }> {
  const start = openBytes(file.slice(0, 2), false, name);
  const gzip = isGzip(await start.read(2));
  await start.close();
  return { ...openBytes(file, gzip, name, signal), gzip };
}

const PIECE_BYTES = 1 << 22;

/**
 * A whole file, unpacked where it is gzip.
 * @throws InvalidInputError('gzip-damaged' | 'file-unreadable')
 */
export async function unpacked(file: Blob, name: string): Promise<Blob> {
  const source = await openUnpacked(file, name);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  try {
    if (!source.gzip) return file;
    for (let full = true; full; ) {
      const part = await source.read(PIECE_BYTES);
      parts.push(part);
      full = part.length === PIECE_BYTES;
    }
  } finally {
    await source.close();
  }
  return new Blob(parts);
}

function readingError(name: string, gzip: boolean, cause: unknown): InvalidInputError {
  const isSystems = cause instanceof DOMException;
  if (gzip && !isSystems) {
    const why = cause instanceof GzipError ? cause.why : reasonOf(cause);
    return new InvalidInputError('gzip-damaged', { name, why }, { cause });
  }
  const why = isSystems ? message('file-changed') : message('disk-failed');
  return new InvalidInputError('file-unreadable', { name, why }, { cause });
}
