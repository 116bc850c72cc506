import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryStore } from '../testing/memoryStore';
import { modelFolder } from '../testing/modelFolder';
import { saying } from '../testing/saying';
import { ModelLibrary } from './library';
import type { LoadedModel } from './weights';

/** A model as it comes out of the checks. */
function loaded(change: Partial<LoadedModel['manifest']> = {}, pieces = 3): LoadedModel {
  const folder = modelFolder('shared-concat', pieces);
  const parts = [...folder.files().entries()].filter(([name]) => name !== 'model.json').map(([, bytes]) => bytes);
  return { manifest: { ...folder.manifest, ...change }, bytes: new Uint8Array(Buffer.concat(parts)) };
}

let store: MemoryStore;
let library: ModelLibrary;
let day = 0;
beforeEach(() => {
  store = new MemoryStore();
  day = 0;
  library = new ModelLibrary(store, () => new Date(Date.UTC(2026, 0, ++day)));
});
const ignore = () => undefined;
const noCard = async () => null;
/** toEqual goes through large arrays value by value. */
const equal = (a: Uint8Array, b: Uint8Array) => Buffer.from(a).equals(Buffer.from(b));
const shards = () => [...store.blobs.keys()].filter((name) => name.startsWith('shard-'));

describe('ModelLibrary', () => {
  it('gives back what was added, with date and size', async () => {
    const model = loaded();
    await library.add(model);
    const [stored, ...others] = await library.list();
    expect(others).toEqual([]);
    expect(stored).toMatchObject({
      id: 'tiny-shared-concat@1.0.0',
      origin: 'own',
      addedAt: '2026-01-01T00:00:00.000Z',
      storedBytes: model.bytes.length,
      manifest: model.manifest,
    });
    const opened = await library.open(stored.id, ignore);
    expect(equal(opened.bytes, model.bytes)).toBe(true);
  });

  it('stores equal pieces once, and keeps them as long as one model needs them', async () => {
    await library.add(loaded({ version: '1' }));
    await library.add(loaded({ version: '2' }));
    expect(shards()).toHaveLength(3);
    await library.remove('tiny-shared-concat@1');
    expect(shards()).toHaveLength(3);
    expect((await library.list()).map(({ id }) => id)).toEqual(['tiny-shared-concat@2']);
    await library.remove('tiny-shared-concat@2');
    expect(store.blobs.size).toBe(0);
  });

  it('keeps a card with its model, replaces it with its model, and has none when the new one has none', async () => {
    const cards = async () => (await library.list()).map(({ card }) => card);
    await library.add(loaded(), { card: '# One' });
    expect(await cards()).toEqual(['# One']);
    await library.add(loaded({}, 2), { card: '# Two' });
    expect(await cards()).toEqual(['# Two']);
    await library.add(loaded());
    expect(await cards()).toEqual([null]);
  });

  it('lists a model that was kept before cards were', async () => {
    const { id } = await library.add(loaded(), { card: '# One' });
    const name = `model-${encodeURIComponent(id)}.json`;
    const { card, ...before } = JSON.parse(await (store.blobs.get(name) as Blob).text());
    expect(card).toBe('# One');
    store.blobs.set(name, new Blob([JSON.stringify(before)]));
    expect(await library.list()).toMatchObject([{ id, card: null }]);
  });

  it('replaces the same name and version, and forgets the pieces of the one before', async () => {
    await library.add(loaded({}, 3));
    await library.add(loaded({}, 2));
    expect(await library.list()).toHaveLength(1);
    expect(shards()).toHaveLength(2);
  });

  it('says that the storage is full and leaves everything as it was', async () => {
    await library.add(loaded({ version: '1' }, 3));
    const before = [...store.blobs.keys()].sort();
    store.capacity = store.used + 200_000; // room for one of two other pieces
    await expect(library.add(loaded({ version: '2' }, 2))).rejects.toMatchObject({
      name: 'ModelError',
      code: 'storage-full',
    });
    expect([...store.blobs.keys()].sort()).toEqual(before);
    await expect(library.open('tiny-shared-concat@1', ignore)).resolves.toBeDefined();
  });

  /** Does something each time a name is about to be written. */
  const onPut = (act: (name: string, content: Blob) => void | Promise<void>) => {
    const put = store.put.bind(store);
    store.put = async (name, content) => {
      await act(name, content);
      await put(name, content);
    };
  };

  it('deletes one model while another is being added, and keeps all of that one', async () => {
    const other = await library.add(loaded({ version: '1' }, 2));
    let removal: Promise<void> | undefined;
    let pieces = 0;
    onPut(async (name) => {
      if (name.startsWith('shard-') && ++pieces === 2) removal = library.remove(other.id);
      await new Promise((resolve) => setTimeout(resolve, 5));
    });
    const model = loaded({ version: '2' });
    const added = await library.add(model);
    await removal;
    expect(added.storedBytes).toBe(model.bytes.length);
    expect(await library.list()).toMatchObject([{ id: added.id, storedBytes: model.bytes.length }]);
    expect(equal((await library.open(added.id, ignore)).bytes, model.bytes)).toBe(true);
    expect([...store.blobs.keys()].filter((name) => !name.startsWith('shard-'))).toHaveLength(1);
  });

  it('keeps what it adds when another tab of a browser without locks sweeps', async () => {
    vi.resetModules();
    const tab = new (await import('./library')).ModelLibrary(store, () => new Date(Date.UTC(2026, 0, 1)));
    library = new ModelLibrary(store, () => new Date(Date.UTC(2026, 0, 1)));
    const other = await tab.add(loaded({ version: '1' }, 2));
    let pieces = 0;
    onPut(async (name) => {
      if (name.startsWith('shard-') && ++pieces === 2) await tab.remove(other.id);
    });
    const model = loaded({ version: '2' });
    expect((await library.add(model)).storedBytes).toBe(model.bytes.length);
    expect((await tab.list()).map(({ id }) => id)).toEqual(['tiny-shared-concat@2']);
  });

  it('sweeps what a closed tab had begun to add, once that is an hour ago', async () => {
    store.blobs.set('shard-begun', new Blob(['x']));
    const note = (at: number) =>
      store.blobs.set('adding-other.json', new Blob([JSON.stringify({ pieces: ['shard-begun'], at })]));
    library = new ModelLibrary(store, () => new Date(Date.UTC(2026, 0, 1)));
    note(Date.UTC(2026, 0, 1) - 10 * 60_000);
    await library.add(loaded());
    expect(shards()).toHaveLength(4);
    note(Date.UTC(2026, 0, 1) - 90 * 60_000);
    await library.remove('none');
    expect(shards()).toHaveLength(3);
    expect(store.blobs.has('adding-other.json')).toBe(false);
  });

  it('loads a model to its end before it is replaced', async () => {
    const first = loaded({}, 3);
    const { id } = await library.add(first);
    const opening = library.open(id, ignore);
    const replacing = library.add(loaded({}, 2));
    expect(equal((await opening).bytes, first.bytes)).toBe(true);
    await replacing;
    expect(shards()).toHaveLength(2);
  });

  it('says so when fewer bytes were stored than written, or when they disappeared, and keeps nothing', async () => {
    const put = store.put.bind(store);
    store.put = async (name, content) => put(name, name.startsWith('shard-') ? content.slice(0, 10) : content);
    const short = library.add(loaded());
    await expect(short).rejects.toMatchObject({ name: 'ModelError', code: 'storage-incomplete' });
    await expect(short).rejects.toThrow(saying(/stored 10 of the \d+ bytes of model\.onnx/));
    expect(store.blobs.size).toBe(0);

    store.put = put;
    let pieces = 0;
    onPut((name) => {
      if (name.startsWith('shard-') && ++pieces === 3) store.blobs.clear();
    });
    const cleared = library.add(loaded());
    await expect(cleared).rejects.toThrow(saying(/model\.onnx\.0 disappeared/));
    expect(store.blobs.size).toBe(0);
  });

  it('leaves the record of the model before when the new one cannot be written', async () => {
    const first = loaded({}, 3);
    const { id } = await library.add(first, { card: '# One' });
    const put = store.put.bind(store);
    let failures = 1;
    store.put = async (name, content) => {
      if (!name.startsWith('model-') || failures-- <= 0) return put(name, content);
      store.blobs.delete(name); // what the file system leaves of a file that it could not write to the end
      throw new DOMException('No room.', 'QuotaExceededError');
    };
    await expect(library.add(loaded({}, 2), { card: '# Two' })).rejects.toThrow('No room.');
    expect(await library.list()).toMatchObject([{ id, card: '# One', storedBytes: first.bytes.length }]);
    expect(shards()).toHaveLength(3);
  });

  it('does not replace a model that another tab added in the meantime', async () => {
    await library.add(loaded());
    await expect(library.add(loaded(), { replace: false })).rejects.toMatchObject({ code: 'model-exists' });
  });

  it('leaves a piece alone of which another tab has seen only a part', async () => {
    const model = loaded();
    const [first] = model.manifest.weights.files;
    let seen: () => void = () => undefined;
    const whole = new Promise<void>((resolve) => {
      seen = resolve;
    });
    // A download reads it while it is being written, and is slow to find out that it is short.
    const half = Object.assign(new Blob([model.bytes.slice(0, 5)]), {
      arrayBuffer: () => whole.then(() => model.bytes.slice(0, 5).buffer),
    });
    store.blobs.set(`shard-${first.sha256}`, half);
    const reading = new ModelLibrary(store).readShard(first);
    store.blobs.delete(`shard-${first.sha256}`);
    const { id } = await library.add(model);
    seen();
    expect(await reading).toBeNull();
    expect(equal((await library.open(id, ignore)).bytes, model.bytes)).toBe(true);
  });

  it('names the damaged piece of a kept model', async () => {
    const model = loaded();
    await library.add(model);
    const [, second] = model.manifest.weights.files;
    store.blobs.set(`shard-${second.sha256}`, new Blob([new Uint8Array(second.bytes)]));
    const opened = library.open('tiny-shared-concat@1.0.0', ignore);
    await expect(opened).rejects.toMatchObject({ name: 'ModelError', code: 'model-file-not-stored' });
    await expect(opened).rejects.toThrow('model.onnx.1');
  });

  it('leaves out a record that cannot be read, and lists the others', async () => {
    await library.add(loaded());
    store.blobs.set('model-old.json', new Blob(['{"manifest": {"formatVersion": 1}}']));
    store.blobs.set('model-cut.json', new Blob(['{"manif']));
    expect(await library.list()).toHaveLength(1);
  });

  it('knows how much of a download is here', async () => {
    const { manifest, bytes } = loaded();
    const [first] = manifest.weights.files;
    await library.startDownload('http://host/models/tiny/', manifest, noCard);
    expect((await library.list())[0]).toMatchObject({ origin: 'download', storedBytes: 0 });
    await library.keepShard(first, bytes.slice(0, first.bytes));
    expect((await library.list())[0].storedBytes).toBe(first.bytes);
    expect(await library.readShard(first)).toEqual(bytes.slice(0, first.bytes));
    expect(await library.readShard(manifest.weights.files[1])).toBeNull();
  });

  it('forgets the pieces of a download when the server has a newer version', async () => {
    const { manifest, bytes } = loaded({}, 1);
    await library.startDownload('http://host/models/tiny/', manifest, noCard);
    await library.keepShard(manifest.weights.files[0], bytes);
    await library.startDownload('http://host/models/tiny/', loaded({ version: '2' }, 2).manifest, noCard);
    expect(shards()).toHaveLength(0);
  });
});
