/** Reading a file front to back, unpacking gzip on the way, without ever holding more of it than asked for. */
import { InvalidInputError } from '../errors';

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

/** Both magic bytes of gzip; either alone means nothing. */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Opens a file for reading, unpacked when `gzip`.
 * Uses the platform's DecompressionStream: streaming, off the JS heap, and it checks the checksum at the end.
 */
export function openBytes(file: Blob, gzip: boolean, name: string): ByteSource {
  const bytes = file.stream() as ReadableStream<Uint8Array<ArrayBuffer>>;
  const reader = (gzip ? bytes.pipeThrough(new DecompressionStream('gzip')) : bytes).getReader();
  let chunk: Uint8Array = new Uint8Array(0);

  /** Hands the next chunks, cut so that they end after `count` bytes, to `take`. */
  async function pull(count: number, take: (part: Uint8Array, at: number) => void): Promise<number> {
    let done = 0;
    while (done < count) {
      if (chunk.length === 0) {
        const next = await reader.read().catch((cause: unknown) => {
          throw readingError(name, gzip, cause);
        });
        if (next.done) break;
        chunk = next.value;
        continue;
      }
      const part = chunk.subarray(0, Math.min(chunk.length, count - done));
      take(part, done);
      chunk = chunk.subarray(part.length);
      done += part.length;
    }
    return done;
  }

  return {
    async read(count) {
      const target = new Uint8Array(count);
      return target.subarray(0, await this.readInto(target));
    },
    readInto: (target) => pull(target.length, (part, at) => target.set(part, at)),
    skip: (count) => pull(count, () => {}),
    close: () => reader.cancel().catch(() => {}),
  };
}

function readingError(name: string, gzip: boolean, cause: unknown): InvalidInputError {
  if (cause instanceof DOMException) {
    return new InvalidInputError(
      'file-unreadable',
      `${name} could not be read: it was moved, changed or locked since it was chosen. Choose it again.`,
      {
        cause,
      },
    );
  }
  return gzip
    ? new InvalidInputError(
        'gzip-damaged',
        `${name} is a damaged or incomplete gzip file: unpacking failed before its end. Copy or download it again.`,
        { cause },
      )
    : new InvalidInputError('file-unreadable', `${name} could not be read from the disk. Choose it again.`, { cause });
}
