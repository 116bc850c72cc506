/**
 * Unpacking gzip as the format allows it: several members one after another (bgzip, mgzip, files joined with cat), and
 * anything behind the last one, which gzip itself passes over too. Browsers' DecompressionStream refuses both. Checksum and
 * length of every member are checked.
 */
import {
  Z_BUF_ERROR,
  Z_NO_FLUSH,
  Z_OK,
  Z_STREAM_END,
  ZStream,
  zlibInflate,
  zlibInflateInit2,
  zlibInflateReset,
} from 'pako';
import { message, type Parameter } from '../core/messages';

type Bytes = Uint8Array<ArrayBuffer>;

/** Both magic bytes of gzip; either alone means nothing. */
export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;

/** The largest window, and a gzip wrapper whose checksum is verified. */
const GZIP_WINDOW_BITS = 15 + 16;
const OUTPUT_BYTES = 1 << 18;

/** Why a gzip stream cannot be unpacked: cut off, garbled, or with a wrong checksum. */
export class GzipError extends Error {
  /** @param why what zlib says, or we do where it does not come to that */
  constructor(readonly why: Parameter) {
    super(typeof why === 'object' ? why.code : String(why));
  }
}

/** @returns the unpacked bytes as they are asked for; fails with GzipError where a member is damaged or ends early */
export function gunzipStream(packed: ReadableStream<Bytes>): ReadableStream<Bytes> {
  const reader = packed.getReader();
  const zlib = new ZStream();
  zlibInflateInit2(zlib, GZIP_WINDOW_BITS);
  let isInMember = true;
  /** Whether the last call filled its output, and more may follow without more input. */
  let hasMore = false;

  /** Puts more input behind what is left of it; false at the end of the file. */
  const feed = async (): Promise<boolean> => {
    const { done, value } = await reader.read();
    if (done) return false;
    const left = zlib.input?.subarray(zlib.next_in, zlib.next_in + zlib.avail_in) ?? new Uint8Array(0);
    let input: Uint8Array = value;
    if (left.length > 0) {
      input = new Uint8Array(left.length + value.length);
      input.set(left);
      input.set(value, left.length);
    }
    zlib.input = input;
    zlib.next_in = 0;
    zlib.avail_in = input.length;
    return true;
  };

  /** Moves on to the next member; false when there is none. */
  const nextMember = async (): Promise<boolean> => {
    while (zlib.avail_in < 2) if (!(await feed())) return false;
    if (!isGzip(zlib.input.subarray(zlib.next_in, zlib.next_in + 2))) return false;
    zlibInflateReset(zlib);
    isInMember = true;
    return true;
  };

  const inflate = (): Bytes => {
    if (zlib.avail_out === 0) {
      zlib.output = new Uint8Array(OUTPUT_BYTES);
      zlib.next_out = 0;
      zlib.avail_out = OUTPUT_BYTES;
    }
    const start = zlib.next_out;
    const status = zlibInflate(zlib, Z_NO_FLUSH);
    if (status === Z_STREAM_END) isInMember = false;
    // Z_BUF_ERROR is no error: nothing could be done without more input.
    else if (status !== Z_OK && status !== Z_BUF_ERROR) throw new GzipError(zlib.msg || `zlib status ${status}`);
    hasMore = isInMember && zlib.avail_out === 0;
    return zlib.output.subarray(start, zlib.next_out);
  };

  return new ReadableStream({
    async pull(controller) {
      for (;;) {
        if (!isInMember && !(await nextMember())) {
          controller.close();
          await reader.cancel();
          return;
        }
        if (zlib.avail_in === 0 && !hasMore && !(await feed())) throw new GzipError(message('gzip-ends-early'));
        const output = inflate();
        if (output.length === 0) continue;
        controller.enqueue(output);
        return;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
