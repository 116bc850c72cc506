import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gzip } from '../testing/niftiFixture';
import { saying } from '../testing/saying';
import { openBytes } from './byteSource';
import { gunzipStream } from './gunzip';

const data = Uint8Array.from({ length: 90_000 }, (_, i) => (i * i * 31) >> 7);
const blobOf = (...parts: (ArrayBuffer | Uint8Array<ArrayBuffer>)[]) => new Blob(parts);

/** The stream in pieces of `size` bytes, so that members and headers are cut anywhere. */
const inPieces = (bytes: Uint8Array<ArrayBuffer>, size: number) =>
  new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (let i = 0; i < bytes.length; i += size) controller.enqueue(bytes.slice(i, i + size));
      controller.close();
    },
  });
const unpacked = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) =>
  new Uint8Array(await new Response(stream).arrayBuffer());

/** Files that gzip reads, each of which unpacks to `data`. */
async function wholeFiles(): Promise<Record<string, Blob>> {
  const [first, second] = [await gzip(data.slice(0, 40_000)), await gzip(data.slice(40_000))];
  const empty = await gzip(new ArrayBuffer(0));
  const many = [];
  for (let i = 0; i < data.length; i += 8000) many.push(await gzip(data.slice(i, i + 8000)));
  return {
    'one member': blobOf(await gzip(data)),
    'two members': blobOf(first, second),
    'many members and an empty last one, as bgzip writes': blobOf(...many, empty),
    'an empty first member': blobOf(empty, first, second),
    'zeros behind': blobOf(await gzip(data), new Uint8Array(512)),
    'one zero behind': blobOf(await gzip(data), new Uint8Array(1)),
    'half a magic behind': blobOf(await gzip(data), new Uint8Array([0x1f])),
    'other bytes behind two members': blobOf(first, second, new TextEncoder().encode('signature')),
  };
}

async function damagedFiles(): Promise<Record<string, Blob>> {
  const [first, second] = [new Uint8Array(await gzip(data.slice(0, 40_000))), new Uint8Array(await gzip(data))];
  const changed = (bytes: Uint8Array<ArrayBuffer>, at: number) => {
    const copy = bytes.slice();
    copy[at < 0 ? bytes.length + at : at] ^= 1;
    return copy;
  };
  return {
    'cut off in the second member': blobOf(first, second.slice(0, -100)),
    'cut off in the last length': blobOf(first, second.slice(0, -1)),
    'the first checksum wrong': blobOf(changed(first, -8), second),
    'the second checksum wrong': blobOf(first, changed(second, -8)),
    'the second length wrong': blobOf(first, changed(second, -3)),
    'a byte of the second changed': blobOf(first, changed(second, second.length >> 1)),
    'the header of the second cut': blobOf(first, second.slice(0, 5)),
  };
}

describe('gunzipStream', () => {
  it('unpacks every form of file, however it is cut into chunks', async () => {
    for (const [title, file] of Object.entries(await wholeFiles())) {
      const bytes = new Uint8Array(await file.arrayBuffer());
      for (const size of [1 << 20, 1021, 7]) {
        const all = await unpacked(gunzipStream(inPieces(bytes, size)));
        expect(all.length, `${title}, ${size}`).toBe(data.length);
        expect(Buffer.compare(all, data), `${title}, ${size}`).toBe(0);
      }
    }
  });

  it('fails where a member is damaged', async () => {
    for (const [title, file] of Object.entries(await damagedFiles())) {
      await expect(unpacked(gunzipStream(file.stream() as never)), title).rejects.toThrow(
        /gzip-ends-early|incorrect|invalid/,
      );
    }
  });

  it('unpacks no more than it is asked for', async () => {
    const reader = gunzipStream(blobOf(await gzip(new Uint8Array(1 << 26))).stream() as never).getReader();
    expect((await reader.read()).value?.length).toBeLessThanOrEqual(1 << 18);
    await reader.cancel();
  });
});

/** What Chromium's does, and Node's does not: an error at the first byte behind the first member. */
class OneMemberOnly {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
  constructor() {
    const { readable, writable } = new TransformStream();
    this.writable = writable;
    this.readable = new ReadableStream({
      async start(controller) {
        const bytes = new Uint8Array(await new Response(readable).arrayBuffer());
        // The end of the first member, found by trying.
        const { gunzipSync } = await import('node:zlib');
        let end = bytes.length;
        for (let at = 18; at < bytes.length; at++) {
          if (bytes[at] !== 0x1f && bytes[at] !== 0 && bytes[at] !== 0x73) continue;
          try {
            gunzipSync(bytes.subarray(0, at));
            end = at;
            break;
          } catch {}
        }
        try {
          controller.enqueue(new Uint8Array(gunzipSync(bytes.subarray(0, end))));
        } catch (cause) {
          controller.error(new TypeError(String(cause)));
          return;
        }
        if (end < bytes.length) controller.error(new TypeError('Junk found after end of compressed data.'));
        else controller.close();
      },
    });
  }
}

describe('a browser whose own stream knows one member only', () => {
  const small = data.slice(0, 3000);
  beforeEach(() => {
    vi.stubGlobal('DecompressionStream', OneMemberOnly);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('reads on where it gives up, without losing or repeating a byte', async () => {
    const [first, second] = [await gzip(small.slice(0, 1000)), await gzip(small.slice(1000))];
    for (const file of [blobOf(first, second), blobOf(await gzip(small), new Uint8Array(40))]) {
      const source = openBytes(file, true, 'scan.nii.gz');
      const target = new Uint8Array(4000);
      expect([...(await source.read(352))]).toEqual([...small.slice(0, 352)]);
      expect(await source.skip(100)).toBe(100);
      expect(await source.readInto(target)).toBe(2548);
      expect([...target.subarray(0, 2548)]).toEqual([...small.slice(452)]);
      await source.close();
    }
  });

  it('still calls a damaged file damaged', async () => {
    const packed = new Uint8Array(await gzip(small));
    const source = openBytes(blobOf(packed, packed.slice(0, -4)), true, 'scan.nii.gz');
    await expect(source.skip(10_000)).rejects.toThrow(saying(/scan\.nii\.gz is a damaged or incomplete gzip file/));
  });
});
