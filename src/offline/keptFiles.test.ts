import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RuntimeFile } from '../core/runtimeFile';
import { PLACES } from '../core/storedPlaces';
import { MemoryCaches } from '../testing/memoryCaches';
import { KeptFiles } from './keptFiles';

const SIZE = 5 << 20;
const content = Uint8Array.from({ length: SIZE }, (_, i) => (i * 7 + (i >> 11)) & 255);
const file: RuntimeFile = {
  url: 'ort/0123abcd/runtime.wasm',
  part: 'compute-cpu',
  type: 'application/wasm',
  bytes: SIZE,
  sha256: createHash('sha256').update(content).digest('hex'),
};
const address = 'http://test/app/ort/0123abcd/runtime.wasm';

/** A server of one file. */
class Server {
  content = content;
  ranges = true;
  etag: string | null = '"v1"';
  /** It breaks the connection after so many bytes of an answer. */
  breaksAfter = Number.POSITIVE_INFINITY;
  onChunk = (_sent: number) => {};
  readonly asked: Record<string, string>[] = [];

  fetch: typeof fetch = async (_url, { headers, signal } = {}) => {
    signal?.throwIfAborted();
    const asked = headers as Record<string, string>;
    this.asked.push(asked);
    const isOther = asked['If-Range'] !== undefined && asked['If-Range'] !== this.etag;
    const from = this.ranges && !isOther ? Number(/bytes=(\d+)-/.exec(asked.Range)?.[1]) : 0;
    const answer = this.content.subarray(from);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          if (signal?.aborted) return controller.error(signal.reason);
          if (sent >= this.breaksAfter) return controller.error(new TypeError('network error'));
          if (sent >= answer.length) return controller.close();
          controller.enqueue(answer.slice(sent, sent + (1 << 19)));
          sent += 1 << 19;
          this.onChunk(sent);
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(body, {
      status: this.ranges && !isOther ? 206 : 200,
      headers: {
        ...(this.etag && { ETag: this.etag }),
        ...(this.ranges && { 'Content-Range': `bytes ${from}-${SIZE - 1}/${SIZE}` }),
      },
    });
  };
}

let server: Server;
let caches: MemoryCaches;
let kept: KeptFiles;
beforeEach(() => {
  server = new Server();
  caches = new MemoryCaches();
  const response = (bytes: Uint8Array<ArrayBuffer>, type: string) =>
    new Response(bytes, { headers: { 'Content-Type': type } });
  kept = new KeptFiles('http://test/app/', response, { caches, fetch: server.fetch });
});

const stored = async () => (await caches.open(PLACES.keptFiles.name)).match(address);
const pieces = async () => (await (await caches.open(PLACES.arrivingFiles.name)).keys()).length;
const code = (error: unknown) => (error as { code: string }).code;
const failing = (options = {}) => kept.keep(file, options).then(() => 'kept', code);

describe('a file that is kept', () => {
  it('is whole, of its type, and fetched once', async () => {
    const seen: number[] = [];
    expect(await kept.keep(file, { onBytes: (done) => seen.push(done) })).toEqual({ startedAgain: false });
    // Compared byte by byte by vitest, it would take half a minute.
    expect(Buffer.from((await (await stored())?.arrayBuffer()) as ArrayBuffer).equals(content)).toBe(true);
    expect((await stored())?.headers.get('Content-Type')).toBe('application/wasm');
    expect([seen[0], seen.at(-1)]).toEqual([0, SIZE]);
    expect(await kept.keptBytes(file)).toBe(SIZE);
    expect(await pieces()).toBe(0);
    await kept.keep(file);
    expect(server.asked).toHaveLength(1);
  });

  it('goes away with its pieces', async () => {
    await kept.keep(file);
    await kept.remove([file]);
    expect([await kept.keptBytes(file), await stored()]).toEqual([0, undefined]);
    server.breaksAfter = 3 << 20;
    await failing();
    await kept.remove([file]);
    expect([await kept.keptBytes(file), await pieces()]).toEqual([0, 0]);
  });
});

describe('a download that breaks off', () => {
  it('goes on where it stopped, for the same file alone', async () => {
    server.breaksAfter = 3 << 20;
    expect(await failing()).toBe('file-broken-off');
    expect(await kept.keptBytes(file)).toBe(3 << 20);
    server.breaksAfter = Number.POSITIVE_INFINITY;
    const seen: number[] = [];
    expect(await kept.keep(file, { onBytes: (done) => seen.push(done) })).toEqual({ startedAgain: false });
    expect(server.asked.at(-1)).toEqual({ Range: `bytes=${3 << 20}-`, 'If-Range': '"v1"' });
    expect(seen[0]).toBe(3 << 20);
    expect(await kept.keptBytes(file)).toBe(SIZE);
  });

  it('starts again where the server gives no parts, and says so', async () => {
    server.ranges = false;
    server.breaksAfter = 3 << 20;
    await failing();
    server.breaksAfter = Number.POSITIVE_INFINITY;
    expect(await kept.keep(file)).toEqual({ startedAgain: true });
    expect(await kept.keptBytes(file)).toBe(SIZE);
  });

  it('starts again where the server has another file by now', async () => {
    server.breaksAfter = 3 << 20;
    await failing();
    server.breaksAfter = Number.POSITIVE_INFINITY;
    server.etag = '"v2"';
    expect(await kept.keep(file)).toEqual({ startedAgain: true });
  });

  it('starts again where the pieces are not of this file', async () => {
    server.etag = null;
    server.content = content.map((byte) => byte ^ 1);
    server.breaksAfter = 3 << 20;
    await failing();
    server.content = content;
    server.breaksAfter = Number.POSITIVE_INFINITY;
    expect(await kept.keep(file)).toEqual({ startedAgain: true });
    expect(server.asked.map(({ Range }) => Range)).toEqual(['bytes=0-', `bytes=${3 << 20}-`, 'bytes=0-']);
  });

  it('keeps what has arrived when it is cancelled', async () => {
    const controller = new AbortController();
    server.onChunk = (sent) => sent >= 3 << 20 && controller.abort();
    expect(await failing({ signal: controller.signal })).toBe('cancelled');
    expect(await kept.keptBytes(file)).toBeGreaterThanOrEqual(2 << 20);
    expect(await stored()).toBeUndefined();
  });
});

describe('what is not as the build made it', () => {
  it.each([
    ['another content', () => content.map((byte) => byte ^ 1)],
    ['a longer one', () => new Uint8Array(SIZE + 9)],
  ])('is not kept: %s', async (_, given) => {
    server.content = given();
    expect(await failing()).toBe('file-damaged');
    expect([await kept.keptBytes(file), await pieces(), await stored()]).toEqual([0, 0, undefined]);
  });
});

it('without room, nothing of the new is left and all of the old stays', async () => {
  await (await caches.open(PLACES.keptFiles.name)).put('http://test/app/other', new Response('old'));
  for (const capacity of [SIZE - 1, 3 << 20]) {
    caches.capacity = capacity;
    expect(await failing()).toBe('no-room-to-keep');
    expect(caches.used).toBe(3);
  }
});
