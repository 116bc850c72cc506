import { describe, expect, it, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { CancelledError, InvalidInputError, ModelError } from '../core/errors';
import type { Message } from '../core/messages';
import type { RuntimePart } from '../core/runtimeFile';
import { ownEntry, serverEntry } from '../models/entries';
import type { StoredModel } from '../models/library';
import { modelFolder } from '../testing/modelFolder';
import {
  createKeeping,
  INITIAL_KEEPING,
  isOutOfReach,
  type KeepingPort,
  type KeepingState,
  keepables,
  readiness,
  type Survey,
} from './keeping';
import type { ShelfState } from './modelShelf';

const manifest = modelFolder().manifest;
const total = manifest.weights.bytes;
const named = (name: string) => ({ ...manifest, name, title: name.toUpperCase() });
const stored = (name: string, storedBytes: number): StoredModel => ({
  id: `http://test/models/${name}/`,
  origin: 'download',
  manifest: named(name),
  card: null,
  addedAt: '2026-01-01',
  storedBytes,
});
const entry = (name: string, storedBytes = 0) =>
  serverEntry('bundled', `http://test/models/${name}/`, named(name), storedBytes ? stored(name, storedBytes) : null);
const own = ownEntry({ ...stored('mine', total), id: 'mine@1', origin: 'own' });

const amounts = (cpu: number): Survey['parts'] => ({
  'compute-cpu': { bytes: 100, keptBytes: cpu },
  'compute-gpu': { bytes: 200, keptBytes: 0 },
  samples: { bytes: 10, keptBytes: 10 },
});
const survey: Survey = {
  app: { bytes: 5 },
  parts: amounts(40),
  counts: { app: 1, files: 1, models: 1, settings: 1, measurements: 0, shared: 0 },
  usedBytes: 0,
  quotaBytes: 1e9,
  isPersistent: false,
};

type Now = KeepingState & Pick<ShelfState, 'models' | 'modelId'>;

function keeping(now: Partial<Now> = {}, port: Partial<KeepingPort> = {}) {
  const state = createStore<Now>(() => ({
    ...INITIAL_KEEPING,
    models: [entry('a'), entry('b', total), own],
    modelId: 'bundled:a',
    ...now,
  }));
  const said: Message[] = [];
  const all = {
    survey: vi.fn(async () => survey),
    keepPart: vi.fn<KeepingPort['keepPart']>(async () => ({ startedAgain: false })),
    removePart: vi.fn(async (_: RuntimePart) => undefined),
    keepModel: vi.fn<KeepingPort['keepModel']>(async () => stored('a', total)),
    deleteModel: vi.fn(async (_: string) => undefined),
    refreshModels: vi.fn(async () => undefined),
    forgetModels: vi.fn(),
    persist: vi.fn(async (): Promise<boolean | null> => false),
    deleteStored: vi.fn(async () => [] as string[]),
    deleteEverything: vi.fn(async () => [] as string[]),
    isReachable: vi.fn(async () => false),
    ask: vi.fn<KeepingPort['ask']>(async () => 'replace'),
    inform: (message: Message) => said.push(message),
    ...port,
  };
  return { state, said, port: all, ...createKeeping(state, all) };
}
const saidCode = ({ state }: ReturnType<typeof keeping>) => state.getState().keepingSaid?.message.code;

describe('what can be kept', () => {
  it('is the page’s files and the server’s models; weights of another version count for nothing', () => {
    const old = entry('old', total);
    const kept = {
      ...stored('old', total),
      manifest: { ...manifest, weights: { ...manifest.weights, sha256: 'old' } },
    };
    const rows = keepables({ survey, models: [entry('a', 7), { ...old, kept }, own] });
    expect(rows.map(({ id, keptBytes }) => [id, keptBytes])).toEqual([
      ['compute-cpu', 40],
      ['compute-gpu', 0],
      ['model:bundled:a', 7],
      ['model:bundled:old', 0],
      ['samples', 10],
    ]);
  });

  it('works offline with the page, the processor’s code and a model', () => {
    const models = [entry('a'), entry('b', total), own];
    const whole = { ...survey, parts: amounts(100) };
    expect(readiness({ survey: whole, models })).toEqual({ missing: null, ready: ['B', 'MINE'], notReady: ['A'] });
    expect(readiness({ survey, models })?.missing).toBe('compute');
    expect(readiness({ survey: { ...whole, app: null }, models })?.missing).toBe('app');
    expect(readiness({ survey: null, models })).toBeNull();
  });
});

describe('keeping', () => {
  it('fetches what is missing, in one line of progress, and says what is kept now', async () => {
    const seen: unknown[] = [];
    const k = keeping(
      {},
      {
        keepPart: async (_, { onBytes }) => {
          onBytes(100);
          return { startedAgain: false };
        },
        keepModel: async (_, options) => {
          options?.onProgress?.({ done: total, total });
          return stored('a', total);
        },
      },
    );
    k.state.subscribe((now, before) => now.keeping !== before.keeping && seen.push(now.keeping));
    await k.keepForOffline(['model:bundled:a', 'compute-cpu', 'samples', 'model:bundled:b']);
    const all = 100 + total;
    expect(seen).toEqual([
      { id: 'compute-cpu', done: 40, total: all },
      { id: 'compute-cpu', done: 100, total: all },
      { id: 'model:bundled:a', done: 100, total: all },
      { id: 'model:bundled:a', done: all, total: all },
      null,
    ]);
    expect(saidCode(k)).toBe('kept-now');
    expect(k.port.persist).toHaveBeenCalledOnce();
  });

  it('says when a server made it start again', async () => {
    const k = keeping({}, { keepPart: async () => ({ startedAgain: true }) });
    await k.keepForOffline(['compute-cpu']);
    expect(saidCode(k)).toBe('kept-from-the-start');
  });

  it('begins nothing that will not fit', async () => {
    const k = keeping({}, { survey: async () => ({ ...survey, usedBytes: 50, quotaBytes: 100 }) });
    await k.keepForOffline(['compute-cpu']);
    expect(k.state.getState().keepingSaid?.message).toEqual({
      code: 'no-room-for-all',
      parameters: { needed: '0.0 MB', free: '0.0 MB' },
    });
    expect(k.port.keepPart).not.toHaveBeenCalled();
  });

  it.each([
    ['nothing of a new model', 'model:bundled:a', 1],
    ['what there was of one', 'model:bundled:half', 0],
  ] as const)('without room leaves %s', async (_, id, deleted) => {
    const k = keeping(
      { models: [entry('a'), entry('half', 7)] },
      { keepModel: () => Promise.reject(new ModelError('storage-full')) },
    );
    await k.keepForOffline([id]);
    expect(saidCode(k)).toBe('no-room-to-keep');
    expect(k.port.deleteModel).toHaveBeenCalledTimes(deleted);
  });

  it('stops at the first failure and says it; a cancelled one is no failure', async () => {
    const broken = new InvalidInputError('file-broken-off', { file: 'x', done: 1, bytes: 2 });
    const failing = keeping({}, { keepPart: () => Promise.reject(broken) });
    await failing.keepForOffline(['compute-cpu', 'model:bundled:a']);
    expect(failing.state.getState()).toMatchObject({ keeping: null, keepingSaid: { kind: 'error' } });
    expect(failing.port.keepModel).not.toHaveBeenCalled();

    const keepPart: KeepingPort['keepPart'] = (_, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new CancelledError())));
    const cancelled = keeping({}, { keepPart });
    const done = cancelled.keepForOffline(['compute-cpu']);
    await vi.waitFor(() => expect(cancelled.state.getState().keeping).not.toBeNull());
    cancelled.cancelKeeping();
    await done;
    expect(cancelled.state.getState()).toMatchObject({ keeping: null, keepingSaid: null });
  });
});

describe('deleting', () => {
  it('names own models before everything goes, and does nothing without the answer', async () => {
    const k = keeping({}, { ask: vi.fn<KeepingPort['ask']>(async () => 'keep') });
    await k.deleteEverything();
    expect(vi.mocked(k.port.ask).mock.calls[0][0].text).toEqual({
      code: 'delete-own-too',
      parameters: { models: 'MINE' },
    });
    expect(k.port.deleteEverything).not.toHaveBeenCalled();
  });

  it('forgets the models, and names what would not go', async () => {
    const forgetModels = vi.fn();
    const k = keeping({}, { forgetModels });
    await k.deleteEverything();
    expect(saidCode(k)).toBe('everything-deleted');
    expect(forgetModels).toHaveBeenCalledOnce();
    const stuck = keeping({}, { deleteEverything: async () => ['organscope-models'] });
    await stuck.deleteEverything();
    expect(saidCode(stuck)).toBe('not-deleted');
  });
});

it.each([
  [true, 'persistence-granted'],
  [false, 'persistence-refused'],
  [null, 'persistence-unknown'],
])('says what the browser answered: %s', async (answer, code) => {
  const k = keeping({}, { persist: async () => answer });
  await k.askPersistence();
  expect(saidCode(k)).toBe(code);
});

describe('without a network', () => {
  it('a model that is not kept is a sentence that names those that are', async () => {
    const k = keeping();
    expect(await k.whyNotNow()).toMatchObject({ code: 'not-kept-others-are' });
    expect(isOutOfReach(k.state.getState())).toBe(true);
    expect(await keeping({ models: [entry('a')] }).whyNotNow()).toMatchObject({ code: 'not-kept-and-offline' });
    k.state.setState({ modelId: 'bundled:b' });
    expect([await k.whyNotNow(), isOutOfReach(k.state.getState())]).toEqual([null, false]);
  });

  it('a server that answers after all is none to complain of', async () => {
    const k = keeping({ offline: true }, { isReachable: async () => true });
    expect(await k.whyNotNow()).toBeNull();
    expect(k.state.getState().offline).toBe(false);
  });

  it('the page says which models are missing, and nothing with a network', () => {
    const k = keeping();
    k.noticeMissing();
    expect(k.said).toEqual([]);
    k.setOffline(true);
    k.noticeMissing();
    expect(k.said).toEqual([{ code: 'offline-without', parameters: { models: 'A' } }]);
  });
});
