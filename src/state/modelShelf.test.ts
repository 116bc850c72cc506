import { describe, expect, it, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { CancelledError, ModelError } from '../core/errors';
import type { ModelStorage } from '../inference/protocol';
import { ownId, type StoredModel } from '../models/library';
import type { Manifest } from '../models/manifest';
import { modelFolder } from '../testing/modelFolder';
import { createModelShelf, INITIAL_SHELF, type ShelfPort } from './modelShelf';
import { INITIAL_RUN_SETTINGS } from './runSettings';

const brain: Manifest = { ...modelFolder().manifest, name: 'brain-mri', title: 'Brain' };
const tiny = modelFolder().manifest;
const brainUrl = 'http://test/models/brain-mri/';

const own = (manifest: Manifest, card: string | null = null): StoredModel => ({
  id: ownId(manifest),
  origin: 'own',
  manifest,
  card,
  addedAt: '2026-01-01',
  storedBytes: manifest.weights.bytes,
});
const storage = (...models: StoredModel[]): ModelStorage => ({ models, usedBytes: 10, quotaBytes: 100 });

function shelf(library: Partial<ShelfPort['library']> = {}, port: Partial<ShelfPort> = {}) {
  const state = createStore(() => ({ ...INITIAL_SHELF, ...INITIAL_RUN_SETTINGS }));
  const errors: unknown[] = [];
  const rememberModel = vi.fn();
  const all: ShelfPort = {
    library: {
      listModels: async () => storage(),
      addModel: () => Promise.reject(new Error('not here')),
      deleteModel: async () => storage(),
      ...library,
    },
    pageUrl: 'http://test/',
    askedModel: null,
    fetchModels: async () => ({ models: [{ address: brainUrl, manifest: brain }], errors: [], isRemembered: false }),
    fetchManifest: async () => tiny,
    fetchCard: async () => '# Card of the server',
    rememberedModel: () => null,
    rememberModel,
    askToKeep: () => undefined,
    report: (error) => errors.push(error),
    ...port,
  };
  return { state, errors, rememberModel, ...createModelShelf(state, all) };
}

const ids = ({ state }: ReturnType<typeof shelf>) => state.getState().models.map(({ id }) => id);
const files = [{ path: 'tiny/model.json', file: new Blob() }];

describe('the list of models', () => {
  it('has the bundled ones first, then own ones; downloads are no models of their own', async () => {
    const download = { ...own(brain), id: brainUrl, origin: 'download' as const };
    const s = shelf({ listModels: async () => storage(download, own(tiny)) });
    await s.loadModels();
    expect(ids(s)).toEqual(['bundled:brain-mri', 'own:tiny-shared-concat@1.0.0']);
    expect(s.state.getState().models[0].kept).toEqual(download);
    expect(s.state.getState().modelId).toBe('bundled:brain-mri');
  });

  it('starts with the model of the last visit', async () => {
    const s = shelf(
      { listModels: async () => storage(own(tiny)) },
      { rememberedModel: () => 'own:tiny-shared-concat@1.0.0' },
    );
    await s.loadModels();
    expect(s.state.getState().modelId).toBe('own:tiny-shared-concat@1.0.0');
  });

  it('starts with the model that the address names, before the remembered one', async () => {
    const s = shelf({}, { askedModel: '/mine/', rememberedModel: () => 'bundled:brain-mri' });
    await s.loadModels();
    expect(s.state.getState().modelId).toBe('address:http://test/mine/');
    expect(ids(s)).toEqual(['bundled:brain-mri', 'address:http://test/mine/']);
  });

  it('does not list a bundled model twice when the address names it', async () => {
    const s = shelf({}, { askedModel: 'models/brain-mri', rememberedModel: () => null });
    await s.loadModels();
    expect(ids(s)).toEqual(['bundled:brain-mri']);
  });

  it('refuses a model of another server and lists the others', async () => {
    const s = shelf({}, { askedModel: 'https://evil.example/m/' });
    await s.loadModels();
    expect(s.errors).toMatchObject([{ code: 'model-cross-origin' }]);
    expect(s.state.getState().modelId).toBe('bundled:brain-mri');
  });

  it('is looked for again, when asked again, where the server did not answer', async () => {
    const remembered = { models: [{ address: brainUrl, manifest: brain }], errors: [], isRemembered: true };
    const fetchModels = vi.fn<ShelfPort['fetchModels']>().mockRejectedValueOnce(new ModelError('models-missing'));
    fetchModels.mockResolvedValueOnce(remembered).mockResolvedValue({ ...remembered, isRemembered: false });
    const s = shelf({}, { fetchModels });
    await s.loadModels();
    expect([ids(s), s.errors]).toMatchObject([[], [{ code: 'models-missing' }]]);
    for (let i = 0; i < 3; i++) await s.loadModels();
    expect(ids(s)).toEqual(['bundled:brain-mri']);
    expect(fetchModels).toHaveBeenCalledTimes(3);
  });
});

describe('adding a model', () => {
  it('chooses it, remembers it, and says so', async () => {
    let kept: StoredModel[] = [];
    const s = shelf({
      addModel: async () => {
        kept = [own(tiny)];
        return kept[0];
      },
      listModels: async () => storage(...kept),
    });
    await s.loadModels();
    await s.addModel(files);
    expect(s.state.getState().modelId).toBe('own:tiny-shared-concat@1.0.0');
    expect(s.rememberModel).toHaveBeenCalledWith('own:tiny-shared-concat@1.0.0');
    expect(s.state.getState().adding).toEqual({
      phase: 'added',
      message: { code: 'model-added', parameters: { model: tiny.title } },
    });
    s.dismissAdding();
    expect(s.state.getState().adding).toBeNull();
  });

  it('asks before it replaces one, and does nothing when the answer is no', async () => {
    const addModel = vi.fn(async (_: unknown, { replace }: { replace: boolean }) => {
      if (!replace) throw new ModelError('model-exists', { model: 'Tiny' });
      return own(tiny);
    });
    const s = shelf({ addModel });
    await s.addModel(files);
    expect(s.state.getState().adding).toEqual({
      phase: 'asking',
      message: { code: 'model-exists', parameters: { model: 'Tiny' } },
    });
    await s.answerReplacing(false);
    expect(s.state.getState().adding).toBeNull();
    expect(addModel).toHaveBeenCalledTimes(1);
    await s.addModel(files);
    await s.answerReplacing(true);
    expect(addModel).toHaveBeenLastCalledWith(files, expect.objectContaining({ replace: true }));
    expect(s.state.getState().adding?.phase).toBe('added');
  });

  it('shows what is wrong and keeps list and choice', async () => {
    const s = shelf({ addModel: () => Promise.reject(new ModelError('model-checksum', { file: 'model.onnx' })) });
    await s.loadModels();
    await s.addModel(files);
    expect(s.state.getState().adding).toEqual({
      phase: 'failed',
      message: { code: 'model-checksum', parameters: { file: 'model.onnx' } },
    });
    expect(s.state.getState().modelId).toBe('bundled:brain-mri');
  });

  it('ends without a word when it is cancelled', async () => {
    const s = shelf({
      addModel: (_, { signal }) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new CancelledError()))),
    });
    const adding = s.addModel(files);
    s.cancelAdding();
    expect(s.state.getState().adding).toMatchObject({ phase: 'working', stopping: true });
    await adding;
    expect(s.state.getState().adding).toBeNull();
  });
});

describe("a model's card", () => {
  const download = { ...own(brain, '# Card of the download'), id: brainUrl, origin: 'download' as const };
  const kept = { listModels: async () => storage(download, own(tiny, '# Card of the folder')) };

  it('is the newest one of the server, and what came in the folder for an own model', async () => {
    const s = shelf(kept);
    await s.loadModels();
    expect(await s.readCard('bundled:brain-mri')).toBe('# Card of the server');
    expect(await s.readCard('own:tiny-shared-concat@1.0.0')).toBe('# Card of the folder');
  });

  it('is the one of the download when the server is away, and otherwise none, without a word', async () => {
    const fetchCard = () => Promise.reject(new ModelError('model-unreachable'));
    const [used, unused] = [shelf(kept, { fetchCard }), shelf({}, { fetchCard })];
    await used.loadModels();
    await unused.loadModels();
    expect(await used.readCard('bundled:brain-mri')).toBe('# Card of the download');
    expect(await unused.readCard('bundled:brain-mri')).toBeNull();
    expect(unused.errors).toEqual([]);
  });

  it('is none for a model that the server has without one, or that is gone', async () => {
    const s = shelf(kept, { fetchCard: async () => null });
    await s.loadModels();
    expect(await s.readCard('bundled:brain-mri')).toBeNull();
    expect(await s.readCard('own:gone@1')).toBeNull();
  });
});

describe('deleting a model', () => {
  it('takes an own one out of the list and chooses another', async () => {
    const s = shelf({ listModels: async () => storage(own(tiny)), deleteModel: async () => storage() });
    await s.loadModels();
    s.selectModel('own:tiny-shared-concat@1.0.0');
    await s.deleteModel('own:tiny-shared-concat@1.0.0');
    expect(ids(s)).toEqual(['bundled:brain-mri']);
    expect(s.state.getState().modelId).toBe('bundled:brain-mri');
  });

  it('leaves a bundled one in the list, without its download', async () => {
    const download = { ...own(brain), id: brainUrl, origin: 'download' as const };
    const deleteModel = vi.fn(async () => storage());
    const s = shelf({ listModels: async () => storage(download), deleteModel });
    await s.loadModels();
    await s.deleteModel('bundled:brain-mri');
    expect(deleteModel).toHaveBeenCalledWith(brainUrl);
    expect(s.state.getState().models).toMatchObject([{ id: 'bundled:brain-mri', kept: null }]);
  });
});
