import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CancelledError, InvalidInputError, ModelError } from '../core/errors';
import { message } from '../core/messages';
import type { StoredModel } from '../models/library';
import { ChannelWorker } from '../testing/channelWorker';
import { saying } from '../testing/saying';
import type { Volume } from '../volume/volume';
import type { Request } from '../workers/calls';
import { InferenceClient } from './client';
import type { SegmentRequest } from './job/requests';
import type { SegmentResult } from './protocol';
import { type Handlers, inferenceCalls } from './serve';

const volume: Volume = {
  dimsXyz: [2, 3, 1],
  spacingXyz: [1, 1, 1],
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  data: new Float32Array([0, 1, 2, 3, 4, 5]),
  name: 'scan.nii',
  warnings: [],
};

const resultFor = (scan: Volume): SegmentResult => ({
  labels: { ...scan, data: Uint8Array.from(scan.data, (v) => (v > 2 ? 1 : 0)) },
  sizes: new Map(),
  provider: { provider: 'wasm', adapter: message('threads', { count: 1 }), reason: message('wasm-chosen') },
  timings: { phaseMs: {}, totalMs: 1, windows: 1, medianWindowMs: 1 },
  memory: { bytes: 6, text: message('test') },
  warnings: [],
});

const options = { modelUrl: 'http://localhost/models/test/', provider: 'auto' } as const;

let open: ChannelWorker[] = [];
/** Requests that cannot be cloned. */
let refuse: (request: Request) => boolean;
beforeEach(() => {
  refuse = () => false;
});
afterEach(() => {
  for (const worker of open) worker.terminate();
  open = [];
  vi.useRealTimers();
});

const kept = { id: 'tiny@1', origin: 'own', addedAt: '', storedBytes: 3, manifest: {} } as unknown as StoredModel;
const shelf = { models: [kept], usedBytes: 3, quotaBytes: 100 };

function clientWith(handlers: Partial<Handlers>): InferenceClient {
  return new InferenceClient(() => {
    const given: Partial<Handlers> = {
      segment: async (r) => resultFor(r.volumes[0]),
      addModel: async () => kept,
      listModels: async () => shelf,
      deleteModel: async () => ({ ...shelf, models: [] }),
      ...handlers,
    };
    const worker = new ChannelWorker(inferenceCalls(given as Handlers), (request) => refuse(request));
    open.push(worker);
    return worker;
  });
}

/** Never finishes by itself, but stops when cancelled. */
const untilCancelled: Handlers['segment'] = (_request, signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new CancelledError())));

describe('InferenceClient', () => {
  it('starts no worker before the first call and only one for many calls', async () => {
    const client = clientWith({});
    expect(open).toHaveLength(0);
    await Promise.all([client.segment([volume], options), client.segment([volume], options)]);
    expect(open).toHaveLength(1);
  });

  it('brings labels back and leaves the caller its volume', async () => {
    const result = await clientWith({}).segment([volume], options);
    expect([...result.labels.data]).toEqual([0, 0, 0, 1, 1, 1]);
    expect(volume.data).toHaveLength(6);
  });

  it('adds, lists and deletes models, with progress', async () => {
    const client = clientWith({
      addModel: async ({ files, replace }, _signal, onProgress) => {
        onProgress({ step: 'verify', done: 1, total: 2 });
        if (!replace) throw new ModelError('model-exists', { title: files[0].path, version: '1' });
        return kept;
      },
    });
    const files = [{ path: 'tiny/model.json', file: new Blob(['{}']) }];
    const seen: string[] = [];
    const add = (replace: boolean) =>
      client.addModel(files, { replace, provider: 'wasm', onProgress: ({ step }) => seen.push(step) });
    await expect(add(false)).rejects.toMatchObject({ name: 'ModelError', code: 'model-exists' });
    await expect(add(true)).resolves.toEqual(kept);
    expect(seen).toEqual(['wait', 'verify', 'wait', 'verify']);
    await expect(client.listModels()).resolves.toEqual(shelf);
    await expect(client.deleteModel('tiny@1')).resolves.toMatchObject({ models: [] });
  });

  it('adds a model only after the segmentation that is running', async () => {
    const order: string[] = [];
    let finish = () => {};
    const client = clientWith({
      segment: async (request) => {
        await new Promise<void>((resolve) => (finish = resolve));
        order.push('segmented');
        return resultFor(request.volumes[0]);
      },
      addModel: async () => {
        order.push('added');
        return kept;
      },
    });
    const running = client.segment([volume], options);
    const adding = client.addModel([], { replace: false, provider: 'wasm' });
    // Long enough for a request that does not wait to be answered.
    await client.listModels();
    expect(order).toEqual([]);
    finish();
    await Promise.all([running, adding]);
    expect(order).toEqual(['segmented', 'added']);
  });

  it('reports progress with the provider, in order', async () => {
    const seen: string[] = [];
    await clientWith({
      segment: async (request, _signal, { onProgress }) => {
        const { provider } = resultFor(request.volumes[0]);
        for (const done of [1, 2]) onProgress({ phase: 'infer', done, total: 2, secondsLeft: 2 - done }, provider);
        return resultFor(request.volumes[0]);
      },
    }).segment([volume], {
      ...options,
      onProgress: (p, info) => seen.push(`${p.phase} ${p.done}/${p.total} ${info?.adapter.code}`),
    });
    expect(seen).toEqual(['infer 1/2 threads', 'infer 2/2 threads']);
  });

  it('hands over slabs of labels while the run goes on, in order and before the result', async () => {
    const seen: unknown[] = [];
    const result = await clientWith({
      segment: async (request, _signal, { onSlab }) => {
        for (const y of [0, 1]) onSlab({ startXyz: [0, y, 0], dimsXyz: [2, 1, 1], data: Uint8Array.of(y, 7) });
        return resultFor(request.volumes[0]);
      },
    }).segment([volume], { ...options, onSlab: ({ startXyz, data }) => seen.push(startXyz[1], ...data) });
    seen.push(result.labels.data.length);
    expect(seen).toEqual([0, 0, 7, 1, 1, 7, 6]);
  });

  it('keeps the class, code and sentence of an error across the worker', async () => {
    const client = clientWith({
      deleteModel: async () => {
        throw new InvalidInputError('not-rgb', { low: '-1', high: '300' });
      },
      segment: async () => {
        throw new ModelError('model-not-loaded', { provider: 'wasm', why: 'no' });
      },
    });
    const deletion = client.deleteModel('a');
    await expect(deletion).rejects.toBeInstanceOf(InvalidInputError);
    await expect(deletion).rejects.toMatchObject({ code: 'not-rgb', parameters: { low: '-1', high: '300' } });
    await expect(client.segment([volume], options)).rejects.toBeInstanceOf(ModelError);
  });

  it('rejects with CancelledError after an abort, and the next run works in the same worker', async () => {
    let calls = 0;
    const client = clientWith({
      segment: (request, ...rest) =>
        calls++ === 0 ? untilCancelled(request, ...rest) : Promise.resolve(resultFor(request.volumes[0])),
    });
    const controller = new AbortController();
    const first = client.segment([volume], { ...options, signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    await expect(first).rejects.toBeInstanceOf(CancelledError);
    await expect(client.segment([volume], options)).resolves.toBeDefined();
    expect(open).toHaveLength(1);
  });

  it('cancels a run that still waits behind another one', async () => {
    const started: Volume[] = [];
    const client = clientWith({
      segment: (request, ...rest) => {
        started.push(request.volumes[0]);
        return untilCancelled(request, ...rest);
      },
    });
    const [one, two] = [new AbortController(), new AbortController()];
    const first = client.segment([volume], { ...options, signal: one.signal });
    const second = client.segment([volume], { ...options, signal: two.signal });
    two.abort();
    await expect(second).rejects.toBeInstanceOf(CancelledError);
    one.abort();
    await expect(first).rejects.toBeInstanceOf(CancelledError);
    expect(started).toHaveLength(1);
  });

  it('does not start an already aborted run', async () => {
    await expect(clientWith({}).segment([volume], { ...options, signal: AbortSignal.abort() })).rejects.toBeInstanceOf(
      CancelledError,
    );
    expect(open).toHaveLength(0);
  });

  it('replaces a worker that ignores cancelling, keeping the other requests', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let hang = true;
    const client = clientWith({
      segment: (request) => (hang ? new Promise(() => {}) : Promise.resolve(resultFor(request.volumes[0]))),
    });
    const controller = new AbortController();
    const stuck = client.segment([volume], { ...options, signal: controller.signal });
    const waiting = client.segment([volume], options);
    controller.abort();
    hang = false;
    vi.advanceTimersByTime(60_000);
    await expect(stuck).rejects.toBeInstanceOf(CancelledError);
    await expect(waiting).resolves.toBeDefined();
    expect(open.map((worker) => worker.terminated)).toEqual([true, false]);
  });

  it('cancels at once what waits, beside a run that never looks up, and leaves the run alone', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let finish = () => {};
    const segment = vi.fn(async (request: SegmentRequest) => {
      await new Promise<void>((resolve) => (finish = resolve));
      return resultFor(request.volumes[0]);
    });
    const client = clientWith({ segment });
    const running = client.segment([volume], options);
    await vi.waitFor(() => expect(segment).toHaveBeenCalled());
    const controller = new AbortController();
    const adding = client.addModel([], { replace: false, provider: 'wasm', signal: controller.signal });
    controller.abort();
    await expect(adding).rejects.toBeInstanceOf(CancelledError);
    await vi.advanceTimersByTimeAsync(60_000);
    finish();
    await expect(running).resolves.toBeDefined();
    expect(segment).toHaveBeenCalledTimes(1);
    expect(open.map((worker) => worker.terminated)).toEqual([false]);
  });

  it('hears no more of a run once it is cancelled', async () => {
    const controller = new AbortController();
    const onProgress = vi.fn(() => controller.abort());
    const run = clientWith({
      segment: (request, signal, events) => {
        for (let done = 0; done < 3; done++) {
          events.onProgress({ phase: 'infer', done, total: 3, secondsLeft: null });
        }
        return untilCancelled(request, signal, events);
      },
    }).segment([volume], { ...options, signal: controller.signal, onProgress });
    await expect(run).rejects.toBeInstanceOf(CancelledError);
    expect(onProgress).toHaveBeenCalledTimes(1);
  });

  it('fails alone what cannot be sent, also when it is sent again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const client = clientWith({
      deleteModel: () => (open.length === 1 ? new Promise(() => {}) : Promise.resolve(shelf)),
      segment: (request) =>
        open.length === 1 ? new Promise(() => {}) : Promise.resolve(resultFor(request.volumes[0])),
    });
    refuse = (request) => request.kind === 'call' && request.name === 'segment';
    const tooMuch = client.segment([volume], options);
    await expect(tooMuch).rejects.toMatchObject({ name: 'InvalidInputError', code: 'volume-too-large' });
    await expect(tooMuch).rejects.toThrow(saying('scan.nii has 2 x 3 x 1 voxels'));

    refuse = () => false;
    const controller = new AbortController();
    const stuck = client.segment([volume], { ...options, signal: controller.signal });
    const deletions = ['unsendable', 'a'].map((name) => client.deleteModel(name));
    const waiting = client.segment([volume], options);
    refuse = (request) => request.kind === 'call' && request.input === 'unsendable';
    controller.abort();
    vi.advanceTimersByTime(60_000);
    await expect(stuck).rejects.toBeInstanceOf(CancelledError);
    await expect(deletions[0]).rejects.toMatchObject({ code: 'not-sent' });
    await expect(deletions[1]).resolves.toBeDefined();
    await expect(waiting).resolves.toBeDefined();
    expect(open).toHaveLength(2);
  });

  it('goes on with what waits after a crash', async () => {
    const client = clientWith({
      segment: (request) =>
        open.length === 1 ? new Promise(() => {}) : Promise.resolve(resultFor(request.volumes[0])),
    });
    const lost = client.segment([volume], options);
    const waiting = client.segment([volume], options);
    open[0].onerror?.({ message: 'out of memory' } as ErrorEvent);
    await expect(lost).rejects.toMatchObject({ code: 'worker-not-started' });
    await expect(waiting).resolves.toBeDefined();
  });

  it('says of a worker that never answered that it could not be started', async () => {
    const client = clientWith({ segment: () => new Promise(() => {}) });
    const lost = client.segment([volume], options);
    open[0].onerror?.({ message: 'blocked' } as ErrorEvent);
    await expect(lost).rejects.toThrow(saying(/could not be started \(blocked\).*Content-Security-Policy/));
  });

  it('hands a large scan over in pieces, and keeps it', async () => {
    const data = new Int16Array(2 ** 23 + 2 ** 22 + 7).map((_, i) => i % 30_011);
    const large: Volume = { ...volume, dimsXyz: [data.length, 1, 1], data };
    const pieces: number[] = [];
    refuse = (request) => {
      if (request.kind === 'piece') pieces.push(request.piece.data.byteLength);
      return false;
    };
    const seen: Volume[] = [];
    const client = clientWith({
      segment: async ({ volumes }) => {
        seen.push(...volumes);
        return resultFor(volume);
      },
    });
    await client.segment([volume, large], options);
    expect(pieces).toEqual([2 ** 23, 2 ** 23, 2 ** 23, 14]);
    expect(Buffer.from(seen[1].data.buffer).equals(Buffer.from(data.buffer))).toBe(true);
    expect(seen[0].data).toEqual(volume.data);
    expect(data).toHaveLength(2 ** 23 + 2 ** 22 + 7);

    // Cancelled on the way: what comes next is not mixed up with it.
    const controller = new AbortController();
    refuse = ({ kind }) => {
      if (kind === 'piece') controller.abort();
      return false;
    };
    const cancelled = client.segment([large], { ...options, signal: controller.signal });
    await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
    refuse = () => false;
    await client.segment([volume], options);
    expect(seen).toHaveLength(3);
    expect(seen[2].data).toEqual(volume.data);
  });

  it('answers with a sentence when memory runs out in the worker', async () => {
    const client = clientWith({
      segment: async () => {
        throw new RangeError('Array buffer allocation failed');
      },
    });
    await expect(client.segment([volume, volume], options)).rejects.toMatchObject({
      code: 'volume-too-large',
      parameters: {
        name: 'scan.nii',
        size: '2 x 3 x 1',
        millions: '0.0',
        others: 1,
        why: 'Array buffer allocation failed',
      },
    });
  });

  it('rejects everything that the worker has when it crashes, and starts a new one for the next call', async () => {
    let hang = true;
    const client = clientWith({
      segment: (request) => (hang ? new Promise(() => {}) : Promise.resolve(resultFor(request.volumes[0]))),
    });
    const lost = client.segment([volume], options);
    open[0].onerror?.({ message: 'out of memory' } as ErrorEvent);
    await expect(lost).rejects.toMatchObject({
      code: 'worker-not-started',
      parameters: { because: { code: 'in-brackets', parameters: { what: 'out of memory' } } },
    });
    hang = false;
    await expect(client.segment([volume], options)).resolves.toBeDefined();
    expect(open).toHaveLength(2);
    hang = true;
    const lostLater = client.segment([volume], options);
    open[1].onmessageerror?.({} as MessageEvent);
    await expect(lostLater).rejects.toThrow(saying('stopped unexpectedly (a message could not be decoded). It starts'));
  });

  it('cancels what is open when disposed', async () => {
    const client = clientWith({ segment: untilCancelled });
    const run = client.segment([volume], options);
    client.dispose();
    await expect(run).rejects.toBeInstanceOf(CancelledError);
    expect(open[0].terminated).toBe(true);
  });
});
