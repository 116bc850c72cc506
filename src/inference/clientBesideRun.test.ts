/** What the client asks for while a run goes on. */
import { afterEach, expect, it } from 'vitest';
import { CancelledError } from '../core/errors';
import type { StoredModel } from '../models/library';
import { ChannelWorker } from '../testing/channelWorker';
import type { LabelBox } from '../volume/labelBox';
import type { Volume } from '../volume/volume';
import { InferenceClient } from './client';
import type { DeviceReport } from './protocol';
import { type Handlers, inferenceCalls } from './serve';

const volume: Volume = {
  dimsXyz: [2, 1, 1],
  spacingXyz: [1, 1, 1],
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  data: new Float32Array([0, 1]),
  name: 'scan.nii',
  warnings: [],
};
const options = { modelUrl: 'http://localhost/models/test/', provider: 'auto' } as const;
const kept = { id: 'tiny@1', origin: 'download', addedAt: '', storedBytes: 3, manifest: {} } as unknown as StoredModel;

let worker: ChannelWorker | null = null;
afterEach(() => worker?.terminate());

function clientWith(handlers: Partial<Handlers>): InferenceClient {
  return new InferenceClient(() => {
    worker = new ChannelWorker(inferenceCalls(handlers as Handlers));
    return worker;
  });
}

/** Ends when it is cancelled. */
const untilCancelled = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new CancelledError())));

it('keeps a model beside a run, and gives up the download alone', async () => {
  const asked: string[] = [];
  const client = clientWith({
    segment: (_request, signal) => untilCancelled(signal),
    keepModel(modelUrl, signal, onProgress) {
      asked.push(modelUrl);
      onProgress({ done: 1, total: 3 });
      if (asked.length === 1) return Promise.resolve(kept);
      return untilCancelled(signal);
    },
  });
  const running = new AbortController();
  const run = client.segment([volume], { ...options, signal: running.signal });
  const seen: unknown[] = [];
  expect(await client.keepModel('http://localhost/models/a', { onProgress: (p) => seen.push(p) })).toEqual(kept);
  expect(seen).toEqual([{ done: 1, total: 3 }]);
  const given = new AbortController();
  const second = client.keepModel('http://localhost/models/b/', { signal: given.signal });
  given.abort();
  await expect(second).rejects.toBeInstanceOf(CancelledError);
  expect(asked).toEqual(['http://localhost/models/a/', 'http://localhost/models/b/']);
  running.abort();
  await expect(run).rejects.toBeInstanceOf(CancelledError);
});

it('describes the machine beside a run, and measures it when the run has ended', async () => {
  const report = { webgpu: true } as DeviceReport;
  const order: string[] = [];
  const client = clientWith({
    segment: (_request, signal) => untilCancelled(signal),
    describeDevice: async ({ provider }) => {
      order.push(`describe ${provider}`);
      return report;
    },
    async measureDevice(_input, onProgress) {
      order.push('measure');
      onProgress({ step: 'cpu', done: 2, total: 4 });
      return report;
    },
  });
  const running = new AbortController();
  const run = client.segment([volume], { ...options, signal: running.signal }).catch(() => order.push('cancelled'));
  const seen: unknown[] = [];
  const measured = client.measureDevice({ onProgress: (progress) => seen.push(progress) });
  expect(await client.describeDevice({ provider: 'wasm' })).toEqual(report);
  running.abort();
  await run;
  expect(await measured).toEqual(report);
  expect(order).toEqual(['describe wasm', 'cancelled', 'measure']);
  expect(seen).toEqual([{ step: 'cpu', done: 2, total: 4 }]);
});

it('asks for a preview where somebody wants it, and tells it apart from slabs', async () => {
  const asked: unknown[] = [];
  const box = (value: number) => ({
    startXyz: [0, 0, 0] as const,
    dimsXyz: [1, 1, 1] as const,
    data: Uint8Array.of(value),
  });
  const client = clientWith({
    async segment({ preview }, _signal, events) {
      asked.push(preview);
      if (preview) events.onPreview(box(7));
      events.onSlab(box(8));
      throw new CancelledError();
    },
  });
  const seen: string[] = [];
  const onSlab = ({ data }: LabelBox) => seen.push(`slab ${data[0]}`);
  const onPreview = ({ data }: LabelBox) => seen.push(`preview ${data[0]}`);
  await client.segment([volume], { ...options, onSlab }).catch(() => undefined);
  await client.segment([volume], { ...options, onSlab, onPreview }).catch(() => undefined);
  expect(asked).toEqual([undefined, true]);
  expect(seen).toEqual(['slab 8', 'preview 7', 'slab 8']);
});
