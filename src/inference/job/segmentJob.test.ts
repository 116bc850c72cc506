import { describe, expect, it, vi } from 'vitest';
import { type AppError, GpuLostError, InvalidInputError, ModelError, UnsupportedDeviceError } from '../../core/errors';
import { type Message, message } from '../../core/messages';
import { say } from '../../locales/say';
import type { LoadedModel } from '../../models/weights';
import { saying } from '../../testing/saying';
import type { Triple } from '../../volume/grid';
import type { Volume } from '../../volume/volume';
import type { Progress, ProviderChoice, ProviderInfo, SelfTestAnswer } from '../protocol';
import type { WindowExecutor } from '../windows/contract';
import { CpuWindows } from '../windows/cpu/cpuWindows';
import type { DeviceFacts } from './chooseProvider';
import { machineMeasurements } from './describeDevice';
import type { SegmentRequest } from './requests';
import { type Machine, SegmentJob } from './segmentJob';
import { keepAnswer, keptAnswer } from './selfTest';

const dims: Triple = [6, 6, 12];
const data = Float32Array.from({ length: 6 * 6 * 12 }, (_, i) => i % 37);
const scan: Volume = {
  ...{ dimsXyz: dims, spacingXyz: [2, 2, 2], data, name: 'scan.nii', warnings: [] },
  affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
} as Volume;

const model = {
  manifest: {
    labels: [0, 1, 2].map((id) => ({ id, name: `class ${id}`, color: [0, 0, 0] })),
    channels: [{ name: 'T1', hints: [] }],
    patchDhw: [4, 6, 6],
    modality: 'MR',
    extentMm: {},
    weights: { sha256: 'tiny' },
    output: { activation: 'softmax' },
    pipeline: {
      ...{ scheme: 'organscope-v1', spacingDhw: [2, 2, 2], orientation: 'RAS' },
      normalization: { scheme: 'percentile', lower: 0, upper: 100 },
      tiling: { step: 0.5, sigmaScale: 0.125 },
    },
  },
  bytes: new Uint8Array(0),
} as unknown as LoadedModel;

const facts = {
  ...{ webgpu: true, hardwareConcurrency: 2, crossOriginIsolated: true },
  adapter: { vendor: 'nvidia', architecture: 'ampere', device: '', description: '', isFallbackAdapter: false },
} satisfies DeviceFacts;

/** Class by intensity; `wrong` ones are what a device leaves behind that refuses work. */
function executor(info: ProviderInfo, failAt: number, error: AppError | null): WindowExecutor & { fail(): void } {
  let failure: AppError | null = null;
  let windows = 0;
  const inner = new CpuWindows({
    ...{ info, warm: true, dispose: async () => undefined },
    async run(patch) {
      if (error && windows++ >= failAt) {
        failure = error instanceof GpuLostError ? error : null;
        throw error;
      }
      const wrong = error !== null;
      return Float32Array.from({ length: 3 * patch.length }, (_, i) => {
        const [c, v] = [Math.floor(i / patch.length), i % patch.length];
        return wrong ? (c === 2 ? 5 : -5) : -50 * Math.abs(patch[v] - (c + 0.5) / 3);
      });
    },
  });
  return {
    ...{ info, warm: true, plan: (job) => inner.plan(job), run: (job, hooks) => inner.run(job, hooks) },
    dispose: vi.fn(async () => undefined),
    get failure() {
      return failure;
    },
    fail() {
      failure = lost;
    },
  } as WindowExecutor & { fail(): void };
}

/** @param plan of every opening in turn: what ends its run, if anything, and after how many windows */
function open(plan: (readonly [error: AppError | null, failAt?: number])[], choice: ProviderChoice = 'auto') {
  const opened: ReturnType<typeof executor>[] = [];
  const machine: { -readonly [Part in keyof Machine]: Machine[Part] } = {
    probeDevice: async () => facts,
    chooseProvider: async () => ({
      provider: 'wgsl',
      adapter: message('adapter', { name: 'nvidia ampere' }),
      reason: message('software-slow'),
    }),
    loadModel: vi.fn(async () => model),
    async openExecutor(_model, _on, _facts, info) {
      const [error, failAt = 1] = plan[opened.length] ?? [null];
      const next = executor(info, failAt, error);
      opened.push(next);
      return next;
    },
  };
  const job = new SegmentJob(async () => null, machine);
  const events: (string | Progress['phase'])[] = [];
  const reasons = new Set<string>();
  const request = { volumes: [scan], provider: choice, precision: 'fp32' as const, modelUrl: 'm/', ortUrl: 'o/' };
  const run = (signal = new AbortController().signal) =>
    job.run(request as unknown as SegmentRequest, signal, {
      onProgress(progress, provider) {
        if (events.at(-1) !== progress.phase) events.push(progress.phase);
        if (provider) reasons.add(say(provider.reason));
      },
      onPreview: () => undefined,
      onSlab: () => void (events.at(-1) !== 'slab' && events.push('slab')),
    });
  return { run, opened, events, reasons, machine, request };
}

const lost = new GpuLostError('gpu-lost', { happened: message('device-lost', { why: 'hung' }) });
const refused = new GpuLostError('gpu-error', { happened: message('work-refused', { what: 'x' }) });
const tooLarge = new InvalidInputError('graphics-memory-full', { plan: message('ort-takes-more') });

/** The reason that the machine of `open` gives. */
const CHOSEN = 'It is a software adapter: expect it to be slower than WebAssembly.';

const right = async () => [...(await open([]).run()).labels.data];

describe('a run whose device fails', () => {
  it.each([
    ['is lost in the first window', [[lost, 0]], ['wgsl', 'wgsl']],
    ['refuses work when masks have been shown', [[refused, 3]], ['wgsl', 'wgsl']],
    [
      'fails again when it was opened again',
      [
        [refused, 3],
        [refused, 3],
      ],
      ['wgsl', 'wgsl', 'webgpu'],
    ],
    [
      'fails wherever it is tried',
      [
        [lost, 1],
        [refused, 2],
        [new ModelError('run-failed', { provider: 'webgpu', adapter: 'x', why: 'NaN.' }), 3],
      ],
      ['wgsl', 'wgsl', 'webgpu', 'wasm'],
    ],
    ['has no memory for the scan', [[tooLarge, 0]], ['wgsl', 'wasm']],
  ] as [string, [AppError, number][], string[]][])(
    'begins anew where it can, gives the right mask and says why: %s',
    async (_, plan, providers) => {
      const { run, opened, events, reasons } = open(plan);
      const result = await run();
      expect([...result.labels.data]).toEqual(await right());
      expect(new Set(result.labels.data).size).toBe(3);
      expect(opened.map(({ info }) => info.provider)).toEqual(providers);
      expect(result.provider.provider).toBe(providers.at(-1));
      const last = plan.at(-1)?.[0] as AppError;
      const reason = say(result.provider.reason);
      expect(reason).toContain(say((last.parameters.happened as Message | undefined) ?? last));
      // Told while it runs, and all of it comes once more: the page forgets what it was shown at 'prepare'.
      expect(reasons).toContain(reason);
      expect(events.filter((event) => event === 'prepare')).toHaveLength(providers.length);
      for (const failed of opened.slice(0, -1)) expect(failed.dispose).toHaveBeenCalledOnce();
    },
  );

  it('that the user chose is opened once more and then reported', async () => {
    const { run, opened } = open(
      [
        [refused, 3],
        [lost, 2],
      ],
      'wgsl',
    );
    await expect(run()).rejects.toBe(lost);
    expect(opened.map(({ info }) => info.provider)).toEqual(['wgsl', 'wgsl']);
  });

  it('is reported as it was when nothing opens any more', async () => {
    const { run, machine, opened } = open([[lost, 1]], 'wgsl');
    const { openExecutor } = machine;
    Object.assign(machine, {
      openExecutor: (...on: Parameters<typeof openExecutor>) =>
        opened.length === 0
          ? openExecutor(...on)
          : Promise.reject(new UnsupportedDeviceError('needs-adapter', { provider: 'wgsl' })),
    });
    await expect(run()).rejects.toBe(lost);
  });

  it('is cancelled while its device is being given up', async () => {
    const { run, machine, opened } = open([[lost, 1]], 'wgsl');
    const controller = new AbortController();
    const { openExecutor } = machine;
    Object.assign(machine, {
      openExecutor: async (...on: Parameters<typeof openExecutor>) =>
        Object.assign(await openExecutor(...on), { dispose: async () => controller.abort() }),
    });
    await expect(run(controller.signal)).rejects.toMatchObject({ name: 'CancelledError' });
    expect(opened).toHaveLength(1);
  });

  it('is not tried elsewhere for a fault of the scan', async () => {
    const { run, opened } = open([[new InvalidInputError('empty-volume'), 0]]);
    await expect(run()).rejects.toMatchObject({ code: 'empty-volume' });
    expect(opened).toHaveLength(1);
  });
});

describe('a session', () => {
  it('is kept for the next run', async () => {
    const { run, opened, machine } = open([]);
    await run();
    await run();
    expect([opened.length, vi.mocked(machine.loadModel).mock.calls.length]).toEqual([1, 1]);
  });

  it('whose device was lost while nothing ran is opened again without a word', async () => {
    const { run, opened } = open([], 'wgsl');
    await run();
    opened[0].fail();
    const { labels, provider } = await run();
    expect([...labels.data]).toEqual(await right());
    expect([opened.length, say(provider.reason)]).toEqual([2, CHOSEN]);
    expect(opened[0].dispose).toHaveBeenCalledOnce();
  });

  it('that was opened again for one run does not say so in the next', async () => {
    const { run } = open([[lost, 1]]);
    expect(say((await run()).provider.reason)).toBe(
      `${CHOSEN} The graphics device was lost (hung). The run was started again.`,
    );
    expect(say((await run()).provider.reason)).toBe(CHOSEN);
  });

  it('that stood in because a scan was too large is not kept for the next scan', async () => {
    const { run, opened } = open([[tooLarge, 0]]);
    const { provider } = await run();
    expect([provider.provider, say(provider.reason)]).toEqual([
      'wasm',
      expect.stringMatching(/no memory left for this volume/),
    ]);
    expect(opened[1].dispose).toHaveBeenCalledOnce();
    expect((await run()).provider).toMatchObject({ provider: 'wgsl', reason: { code: 'software-slow' } });
  });

  it('that cannot be closed in order does not hide why the run failed', async () => {
    const { run, machine } = open(
      [[new ModelError('run-failed', { provider: 'wgsl', adapter: 'x', why: 'It failed.' }), 1]],
      'wgsl',
    );
    const { openExecutor } = machine;
    const dispose = vi.fn(() => Promise.reject(new Error('closing')));
    Object.assign(machine, {
      openExecutor: async (...on: Parameters<typeof openExecutor>) =>
        Object.assign(await openExecutor(...on), { dispose }),
    });
    await expect(run()).rejects.toThrow(saying('It failed.'));
    expect(dispose).toHaveBeenCalledOnce();
  });
});

it('a device that a self-test refused stays refused where the next test ends without an answer', async () => {
  const { machine, request } = open([[lost, 0]], 'wgsl');
  const manifest = { ...model.manifest, selfTest: { weights: 'tiny', logits: [0, 1] } };
  machine.loadModel = async () => ({ ...model, manifest }) as LoadedModel;
  const on = await machine.chooseProvider('wgsl', facts, 'o/');
  const refusal = { outcome: 'failed', provider: on, precision: 'fp32' } as SelfTestAnswer;
  await keepAnswer(machineMeasurements(facts), manifest, refusal);
  const test = new SegmentJob(async () => null, machine).selfTest(
    request,
    new AbortController().signal,
    () => undefined,
  );
  await expect(test).rejects.toBe(lost);
  expect(await keptAnswer(machineMeasurements(facts), manifest, on, 'fp32')).toEqual(refusal);
});
