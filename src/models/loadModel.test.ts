import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ModelError } from '../core/errors';
import { MemoryStore } from '../testing/memoryStore';
import { modelFolder, sha256 } from '../testing/modelFolder';
import { saying } from '../testing/saying';
import { fetchCard, fetchManifest } from './fetchModel';
import { ModelLibrary } from './library';
import { keepModel, loadModel, storedAddress } from './loadModel';
import type { Manifest } from './manifest';

const weights = Buffer.from(Array.from({ length: 70_001 }, (_, i) => (i * 31) % 251));

/** The manifest's `weights` for pieces of the file above. */
function describeFiles(pieces: Record<string, Buffer>): Manifest['weights'] {
  const files = Object.entries(pieces).map(([file, b]) => ({ file, bytes: b.length, sha256: sha256(b) }));
  return { precision: 'fp32', bytes: weights.length, sha256: sha256(weights), files };
}

const manifest = { ...modelFolder().manifest, name: 'tiny', weights: describeFiles({ 'model.onnx': weights }) };

const pieces = {
  'model.onnx.0': weights.subarray(0, 40_000),
  'model.onnx.1': weights.subarray(40_000, 40_007),
  'model.onnx.2': weights.subarray(40_007),
};
const cut = { ...manifest, weights: describeFiles(pieces) };
const swapped = { ...cut, weights: { ...cut.weights, files: [...cut.weights.files].reverse() } };

const files: Record<string, [type: string, body: string | Buffer]> = {
  '/good/model.json': ['application/json', JSON.stringify(manifest)],
  '/good/MODEL_CARD.md': ['text/markdown', '# Card\n'],
  '/good/model.onnx': ['application/octet-stream', weights],
  '/short/model.json': ['application/json', JSON.stringify(manifest)],
  '/short/model.onnx': ['application/octet-stream', weights.subarray(1)],
  '/long/model.json': ['application/json', JSON.stringify(manifest)],
  '/long/model.onnx': ['application/octet-stream', Buffer.concat([weights, weights])],
  '/damaged/model.json': ['application/json', JSON.stringify(manifest)],
  '/damaged/model.onnx': ['application/octet-stream', Buffer.from(weights).fill(7, 100, 101)],
  '/cut/model.json': ['application/json', JSON.stringify(cut)],
  '/swapped/model.json': ['application/json', JSON.stringify(swapped)],
  ...Object.fromEntries(
    Object.entries(pieces).flatMap(([name, body]) =>
      ['cut', 'swapped'].map((folder) => [`/${folder}/${name}`, ['application/octet-stream', body]]),
    ),
  ),
  '/no-weights/model.json': ['application/json', JSON.stringify(manifest)],
  '/not-json/model.json': ['application/json', '{"format": '],
  '/future/model.json': ['application/json', JSON.stringify({ ...manifest, formatVersion: 3 })],
  '/fallback/model.json': ['text/html', '<!doctype html>'],
  '/fallback/MODEL_CARD.md': ['text/html', '<!doctype html>'],
};

/** What was asked for since the test began. */
const asked: string[] = [];

let server: Server;
let base = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const file = files[request.url ?? ''];
    const isBroken = request.url?.startsWith('/broken/');
    response.writeHead(isBroken ? 503 : file ? 200 : 404, { 'Content-Type': file?.[0] ?? 'text/plain' });
    response.end(file?.[1] ?? 'nothing here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

describe('loadModel', () => {
  it('returns the verified bytes and counts up to the total', async () => {
    const seen: number[] = [];
    const { bytes, manifest: read } = await loadModel(`${base}/good/`, {
      library: null,
      onBytes: (done) => seen.push(done),
    });
    expect(Buffer.from(bytes).equals(weights)).toBe(true);
    expect(read.name).toBe('tiny');
    expect(seen[0]).toBe(0);
    expect(seen[seen.length - 1]).toBe(weights.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('lays the pieces of a cut file end to end', async () => {
    const seen: number[] = [];
    const { bytes } = await loadModel(`${base}/cut/`, { library: null, onBytes: (done) => seen.push(done) });
    expect(Buffer.from(bytes).equals(weights)).toBe(true);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen[seen.length - 1]).toBe(weights.length);
  });

  it('refuses pieces that are each right but in another order', async () => {
    await expect(loadModel(`${base}/swapped/`, { library: null })).rejects.toMatchObject({
      name: 'ModelError',
      code: 'weights-checksum',
    });
  });

  it.each([
    ['short', 'model-size', String(weights.length - 1), String(weights.length)],
    ['long', 'model-size', String(2 * weights.length), String(weights.length)],
    ['damaged', 'model-checksum', 'SHA-256', sha256(weights)],
    ['no-weights', 'model-not-found', 'model.onnx', '/no-weights/'],
  ])('refuses a %s file and names what it got and expected', async (folder, code, got, expected) => {
    const failed = loadModel(`${base}/${folder}/`, { library: null });
    await expect(failed).rejects.toMatchObject({ name: 'ModelError', code });
    await expect(failed).rejects.toThrow(saying(got));
    await expect(failed).rejects.toThrow(saying(expected));
  });
});

describe('loadModel with what the browser keeps', () => {
  it('fetches every piece once', async () => {
    const library = new ModelLibrary(new MemoryStore());
    await loadModel(`${base}/cut/`, { library });
    asked.length = 0;
    const { bytes } = await loadModel(`${base}/cut/`, { library });
    expect(Buffer.from(bytes).equals(weights)).toBe(true);
    expect(asked).toEqual(['/cut/model.json']);
  });

  it('fetches again only the piece that was damaged in storage', async () => {
    const store = new MemoryStore();
    const library = new ModelLibrary(store);
    await loadModel(`${base}/cut/`, { library });
    const [, second] = cut.weights.files;
    for (const damaged of ['damaged', new Uint8Array(second.bytes)]) {
      store.blobs.set(`shard-${second.sha256}`, new Blob([damaged]));
      asked.length = 0;
      const { bytes } = await loadModel(`${base}/cut/`, { library });
      expect(Buffer.from(bytes).equals(weights)).toBe(true);
      expect(asked).toEqual(['/cut/model.json', '/cut/model.onnx.1']);
    }
    asked.length = 0;
    await loadModel(`${base}/cut/`, { library });
    expect(asked).toEqual(['/cut/model.json']);
  });

  it('keeps no piece that is damaged on the server', async () => {
    const store = new MemoryStore();
    await expect(loadModel(`${base}/damaged/`, { library: new ModelLibrary(store) })).rejects.toThrow(
      saying('SHA-256'),
    );
    expect([...store.blobs.keys()].filter((name) => name.startsWith('shard-'))).toEqual([]);
  });

  it.each([
    ['without a connection', () => 'http://127.0.0.1:1/models/tiny/', 'model-unreachable'],
    ['while the server fails', () => `${base}/broken/`, 'model-server-failed'],
  ])('works %s once the model has been used', async (_, address, code) => {
    const library = new ModelLibrary(new MemoryStore());
    const away = address();
    await library.startDownload(away, cut, async () => null);
    for (const shard of cut.weights.files) {
      await library.keepShard(shard, new Uint8Array(pieces[shard.file as keyof typeof pieces]));
    }
    const { bytes } = await loadModel(away, { library });
    expect(Buffer.from(bytes).equals(weights)).toBe(true);
    await expect(loadModel(away, { library: null })).rejects.toMatchObject({ code });
  });

  it('waits seconds, not minutes, for a network that swallows requests, once the model has been used', async () => {
    const library = new ModelLibrary(new MemoryStore());
    const away = 'http://hall.example/models/tiny/';
    await library.startDownload(away, manifest, async () => null);
    await library.keepShard(manifest.weights.files[0], new Uint8Array(weights));
    vi.useFakeTimers();
    vi.stubGlobal('fetch', () => new Promise(() => undefined));
    try {
      const loading = loadModel(away, { library });
      await vi.advanceTimersByTimeAsync(5000);
      expect((await loading).bytes).toHaveLength(weights.length);
    } finally {
      vi.useRealTimers();
      vi.unstubAllGlobals();
    }
  });

  it('keeps the card that comes with a download, and needs none', async () => {
    const library = new ModelLibrary(new MemoryStore());
    await loadModel(`${base}/good/`, { library });
    await loadModel(`${base}/cut/`, { library });
    const cards = (await library.list()).map(({ id, card }) => [id, card]);
    expect(cards.sort()).toEqual([
      [`${base}/cut/`, null],
      [`${base}/good/`, '# Card'],
    ]);
  });

  it('uses a download even when there is no room to keep it', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { bytes } = await loadModel(`${base}/cut/`, { library: new ModelLibrary(new MemoryStore(100)) });
    expect(Buffer.from(bytes).equals(weights)).toBe(true);
    expect(warn).toHaveBeenCalled();
    warn.mockRestore();
  });

  it('says that a model of this browser is gone', async () => {
    const gone = loadModel(storedAddress('tiny@1'), { library: new ModelLibrary(new MemoryStore()) });
    await expect(gone).rejects.toMatchObject({ name: 'ModelError', code: 'model-not-stored' });
    await expect(gone).rejects.toThrow('tiny@1');
  });
});

describe('fetchManifest', () => {
  it.each([
    ['nowhere', 'model-not-found'],
    ['fallback', 'model-not-found'], // a single-page-app server's index.html
    ['not-json', 'manifest-not-json'],
    ['future', 'manifest-field-wrong'],
  ])('explains a %s model.json', async (folder, code) => {
    await expect(fetchManifest(`${base}/${folder}/`)).rejects.toMatchObject({ name: 'ModelError', code });
  });

  it('explains a server that cannot be reached', async () => {
    await expect(fetchManifest('http://127.0.0.1:1/')).rejects.toMatchObject({ code: 'model-unreachable' });
  });
});

describe('fetchCard', () => {
  it('gives the text, and null where there is none', async () => {
    expect(await fetchCard(`${base}/good/`)).toBe('# Card');
    expect(await fetchCard(`${base}/cut/`)).toBeNull();
    expect(await fetchCard(`${base}/fallback/`)).toBeNull();
  });

  it('tells a server that cannot be reached from a model without a card', async () => {
    await expect(fetchCard('http://127.0.0.1:1/')).rejects.toMatchObject({ code: 'model-unreachable' });
  });
});

describe('keepModel', () => {
  const weightsAsked = () => asked.filter((url) => url.includes('model.onnx'));

  it('fetches only what is not here, piece by piece, and loading it then fetches no weights', async () => {
    const library = new ModelLibrary(new MemoryStore());
    await library.startDownload(`${base}/cut/`, cut, async () => null);
    await library.keepShard(cut.weights.files[0], new Uint8Array(pieces['model.onnx.0']));
    asked.length = 0;
    const seen: number[] = [];
    const kept = await keepModel(`${base}/cut/`, library, { onBytes: (done) => seen.push(done) });
    expect(weightsAsked()).toEqual(['/cut/model.onnx.1', '/cut/model.onnx.2']);
    expect(kept).toMatchObject({ id: `${base}/cut/`, origin: 'download', storedBytes: weights.length });
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(weights.length);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    await loadModel(`${base}/cut/`, { library });
    await keepModel(`${base}/cut/`, library);
    expect(weightsAsked()).toHaveLength(2);
  });

  it('says that storage is full, keeps what fitted, and goes on from there', async () => {
    const store = new MemoryStore();
    const library = new ModelLibrary(store);
    const { put } = store;
    store.put = async (name, content) => {
      if (name === `shard-${cut.weights.files[2].sha256}`) throw new ModelError('storage-full');
      return put.call(store, name, content);
    };
    await expect(keepModel(`${base}/cut/`, library)).rejects.toMatchObject({ code: 'storage-full' });
    expect(await library.list()).toMatchObject([{ storedBytes: 40_007 }]);
    store.put = put;
    asked.length = 0;
    await keepModel(`${base}/cut/`, library);
    expect(weightsAsked()).toEqual(['/cut/model.onnx.2']);
  });

  it('keeps no damaged piece', async () => {
    const library = new ModelLibrary(new MemoryStore());
    await expect(keepModel(`${base}/damaged/`, library)).rejects.toMatchObject({ code: 'model-checksum' });
    expect(await library.list()).toMatchObject([{ storedBytes: 0 }]);
  });

  it('stops between pieces when cancelled', async () => {
    const library = new ModelLibrary(new MemoryStore());
    const stop = new AbortController();
    const seen: number[] = [];
    const onBytes = (done: number) => {
      seen.push(done);
      // Told once more when the piece has been kept.
      if (done === 40_000 && seen.at(-2) === done) stop.abort();
    };
    const kept = keepModel(`${base}/cut/`, library, { signal: stop.signal, onBytes });
    await expect(kept).rejects.toMatchObject({ name: 'AbortError' });
    expect(await library.list()).toMatchObject([{ storedBytes: 40_000 }]);
  });
});
