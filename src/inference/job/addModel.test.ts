import { zipSync } from 'fflate';
import { beforeEach, describe, expect, it } from 'vitest';
import { ModelError } from '../../core/errors';
import type { NamedFile } from '../../files/namedFile';
import { ModelLibrary } from '../../models/library';
import { MemoryStore } from '../../testing/memoryStore';
import { type ModelFolder, modelFolder, unknownOperator, withWeights } from '../../testing/modelFolder';
import { saying } from '../../testing/saying';
import { type AddOptions, addModel } from './addModel';

type Files = Map<string, Uint8Array<ArrayBuffer>>;

const named = (files: Files, folder = 'tiny/'): NamedFile[] =>
  [...files].map(([name, bytes]) => ({ path: folder + name, file: new Blob([bytes]) }));

const zipped = (files: Files, folder = 'tiny/'): NamedFile[] => {
  const entries = Object.fromEntries([...files].map(([name, bytes]) => [folder + name, bytes]));
  return [{ path: 'tiny.zip', file: new Blob([zipSync(entries) as Uint8Array<ArrayBuffer>]) }];
};

let store: MemoryStore;
let library: ModelLibrary;
let tried: number;
beforeEach(() => {
  store = new MemoryStore();
  library = new ModelLibrary(store);
  tried = 0;
});

const add = (files: readonly NamedFile[], options: Partial<AddOptions> = {}) =>
  addModel(files, {
    library,
    replace: false,
    freeBytes: null,
    tryOut: async () => {
      tried++;
    },
    ...options,
  });

describe('a good model', () => {
  it.each([
    ['a folder', named(modelFolder('shared-concat', 3).files())],
    ['loose files', named(modelFolder('shared-concat', 3).files(), '')],
    ['a zip with a folder inside', zipped(modelFolder('shared-concat', 3).files())],
    ['a zip of the files', zipped(modelFolder('shared-concat', 3).files(), '')],
    [
      'a folder with what systems leave behind',
      [
        ...named(modelFolder('shared-concat', 3).files()),
        { path: '__MACOSX/tiny/._model.json', file: new Blob(['x']) },
        { path: 'tiny/.DS_Store', file: new Blob(['x']) },
      ],
    ],
  ])('is kept out of %s, after it was tried', async (_, files) => {
    const steps: string[] = [];
    const stored = await add(files, { onProgress: ({ step }) => steps.push(step) });
    expect(stored).toMatchObject({ id: 'tiny-shared-concat@1.0.0', origin: 'own' });
    expect(tried).toBe(1);
    expect([...new Set(steps)]).toEqual(['read', 'verify', 'try', 'keep']);
    await expect(library.open(stored.id, () => undefined)).resolves.toBeDefined();
  });

  it.each([
    ['a folder', named],
    ['loose files', (files: Files) => named(files, '')],
    ['a zip', zipped],
  ])('brings its card along in %s', async (_, packed) => {
    const files = modelFolder().files().set('MODEL_CARD.md', new TextEncoder().encode('# Card\n'));
    expect((await add(packed(files))).card).toBe('# Card');
  });

  it('is added without its card when that is damaged', async () => {
    const files = modelFolder()
      .files()
      .set('MODEL_CARD.md', new Uint8Array([0x23, 0xff, 0]));
    expect((await add(named(files))).card).toBeNull();
  });

  it('is asked about when its name and version are here, and replaced when that is wanted', async () => {
    await add(named(modelFolder().files()));
    const again = add(named(modelFolder('shared-concat', 2).files()));
    await expect(again).rejects.toMatchObject({ code: 'model-exists' });
    await expect(again).rejects.toThrow(saying('Tiny test model, version 1.0.0'));
    expect((await library.list())[0].manifest.weights.files).toHaveLength(1);
    await add(named(modelFolder('shared-concat', 2).files()), { replace: true });
    expect((await library.list()).map(({ manifest }) => manifest.weights.files.length)).toEqual([2]);
  });
});

/** One thing wrong each: what to break, the code, and what the sentence must name. */
const broken: [what: string, files: () => NamedFile[], code: string, names: string[]][] = [
  ['a folder without model.json', () => without('model.json'), 'no-manifest', ['model.json', 'model.onnx']],
  [
    'a PyTorch checkpoint',
    () => [{ path: 'model_final_checkpoint.model', file: new Blob(['PK']) }],
    'checkpoint-only',
    ['model_final_checkpoint.model', 'unetrpp.export'],
  ],
  [
    'two models at once',
    () => [...without(''), ...named(modelFolder().files(), 'other/')],
    'several-models',
    ['other/'],
  ],
  ['a model.json that is not JSON', () => json('{"format": '), 'manifest-not-json', ['JSON']],
  ['a misspelt field', () => changed((m) => ({ ...m, modality: 'PET' })), 'manifest-field-wrong', ['modality']],
  [
    'an unknown scheme',
    () => changed((m) => ({ ...m, pipeline: { scheme: 'voodoo' } })),
    'manifest-field-wrong',
    ['pipeline.scheme'],
  ],
  ['a missing piece', () => without('model.onnx.1', 3), 'model-file-missing', ['model.onnx.1', 'model.onnx.0']],
  [
    'a piece that was cut short',
    () => replaced('model.onnx.2', (bytes) => bytes.slice(1), 3),
    'model-size',
    ['model.onnx.2'],
  ],
  [
    'a damaged piece',
    () => replaced('model.onnx.0', (bytes) => bytes.slice().fill(7, 50, 51), 3),
    'model-checksum',
    ['model.onnx.0', 'SHA-256'],
  ],
  [
    'weights that are not ONNX',
    () => named(withWeights(modelFolder(), new TextEncoder().encode('not a network'.repeat(50)))),
    'onnx-damaged',
    ['model.onnx'],
  ],
  [
    'an operator that nobody knows',
    () => named(withWeights(modelFolder(), unknownOperator('Swirl', 'com.example'))),
    'operator-unsupported',
    ['com.example::Swirl'],
  ],
  [
    'more labels than the network has outputs',
    () => changed((m) => ({ ...m, labels: [...m.labels, { id: 3, name: 'more', color: [1, 2, 3] }] })),
    'network-shape',
    ['[1, 3, 16, 16, 16]', '[1, 4, 16, 16, 16]'],
  ],
  [
    'another patch than the network has',
    () => changed((m) => ({ ...m, patchDhw: [16, 16, 32] })),
    'network-shape',
    ['[1, 1, 16, 16, 16]', '[1, 1, 16, 16, 32]'],
  ],
  ['a damaged zip', () => cutZip(), 'zip-damaged', ['tiny.zip']],
];

function without(name: string, pieces = 1): NamedFile[] {
  const files = modelFolder('shared-concat', pieces).files();
  files.delete(name);
  return named(files);
}

function replaced(name: string, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>, pieces: number) {
  const files = modelFolder('shared-concat', pieces).files();
  return named(files.set(name, change(files.get(name) as Uint8Array<ArrayBuffer>)));
}

const json = (text: string) => named(modelFolder().files().set('model.json', new TextEncoder().encode(text)));
const changed = (change: (manifest: ModelFolder['manifest']) => object) =>
  json(JSON.stringify(change(modelFolder().manifest)));

function cutZip(): NamedFile[] {
  const [{ path, file }] = zipped(modelFolder().files());
  return [{ path, file: file.slice(0, file.size - 100) }];
}

describe('a model with something wrong', () => {
  it.each(broken)('%s is refused with a sentence, and nothing is kept', async (_, files, code, names) => {
    const failed = add(files());
    await expect(failed).rejects.toMatchObject({ name: 'ModelError', code });
    for (const name of names) await expect(failed).rejects.toThrow(saying(name));
    await expect(failed).rejects.toThrow(saying(/\.$/));
    expect(tried).toBe(0);
    expect(store.blobs.size).toBe(0);
  });

  it('is not kept when the network gives nonsense', async () => {
    const nonsense = new ModelError('fails-on-noise');
    await expect(add(named(modelFolder().files()), { tryOut: () => Promise.reject(nonsense) })).rejects.toBe(nonsense);
    expect(store.blobs.size).toBe(0);
  });

  it('leaves the model it would replace alone', async () => {
    await add(named(modelFolder().files()));
    await expect(add(without('model.onnx'), { replace: true })).rejects.toThrow();
    await expect(library.open('tiny-shared-concat@1.0.0', () => undefined)).resolves.toBeDefined();
  });

  it('is refused with both numbers when there is no room, before anything is read', async () => {
    const failed = add(without('model.onnx'), { freeBytes: 100_000 });
    await expect(failed).rejects.toMatchObject({ code: 'storage-too-small' });
    await expect(failed).rejects.toThrow(saying('0.1 MB'));
  });
});

it('stops between two steps when it is cancelled, and keeps nothing', async () => {
  const controller = new AbortController();
  const onProgress: AddOptions['onProgress'] = ({ step }) => step === 'verify' && controller.abort();
  await expect(
    add(named(modelFolder('shared-concat', 3).files()), { signal: controller.signal, onProgress }),
  ).rejects.toMatchObject({ name: 'CancelledError' });
  expect(tried).toBe(0);
  expect(store.blobs.size).toBe(0);
});
