import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CancelledError, GpuLostError } from '../../../core/errors';
import { message } from '../../../core/messages';
import { say } from '../../../locales/say';
import { randomNormal } from '../../../testing/allClose';
import { FakeGpuNetwork, fakeBackend } from '../../../testing/fakeNetworks';
import { openGpuDevice } from '../../../testing/gpuDevice';
import { countingDevice, refusingDevice } from '../../../testing/gpuFaults';
import { nearestTaps } from '../../../testing/nearestTaps';
import { saying } from '../../../testing/saying';
import type { Triple } from '../../../volume/grid';
import { OwnedDevice } from '../../gpu/ownedDevice';
import type { ProviderInfo } from '../../protocol';
import type { PlaneCertainty } from '../contract';
import { type RunHooks, type WindowExecutor, type WindowJob, windowCount } from '../contract';
import { CpuWindows } from '../cpu/cpuWindows';
import { normalizedWeights } from '../geometry/gaussian';
import { mirrorsOver } from '../geometry/mirror';
import { padToPatch, windowStarts } from '../geometry/starts';
import { linearTaps, type Taps } from '../geometry/taps';
import { GpuWindows, type GpuWindowsOptions } from './gpuWindows';

const device = await openGpuDevice();
afterAll(() => device.destroy());

const info: ProviderInfo = {
  provider: 'wgsl',
  adapter: message('adapter', { name: 'test' }),
  reason: message('wasm-chosen'),
};
const owned = new OwnedDevice(device);

interface Case {
  readonly dims: Triple;
  readonly patch: Triple;
  readonly native: Triple;
  readonly classes?: number;
  readonly channels?: number;
  readonly nearestZ?: boolean;
  readonly more?: Pick<WindowJob, 'reading' | 'mirrors' | 'exchange' | 'weightFloor'>;
}

function makeJob({ dims, patch, native, classes = 3, channels = 1, nearestZ = false, more }: Case): WindowJob {
  const { paddedDhw, belowDhw } = padToPatch(dims, patch);
  const perAxis = <T>(make: (axis: number) => T) => [make(0), make(1), make(2)] as [T, T, T];
  const starts = perAxis((axis) => windowStarts(paddedDhw[axis], patch[axis], 0.5));
  const taps = perAxis((axis): Taps => {
    const make = nearestZ && axis === 0 ? nearestTaps : linearTaps;
    return make(native[axis], dims[axis], belowDhw[axis]);
  });
  return {
    ...{ channels, classes, dimsDhw: dims, patchDhw: patch, paddedDhw, belowDhw, starts, taps },
    values: randomNormal(channels * dims[0] * dims[1] * dims[2], 9),
    intensities: Array.from({ length: channels }, (_, i) => ({ offset: i / 4, scale: 0.5, low: -0.6, high: 0.7 })),
    weights: perAxis((axis) => normalizedWeights(starts[axis], patch[axis], paddedDhw[axis], 1 / 8)),
    ...more,
  };
}

/** Runs a job to its end; also checks that slabs come in order. */
async function labelsOf(executor: WindowExecutor, job: WindowJob, hooks: Partial<RunHooks> = {}) {
  const [planes, rows, columns] = job.taps.map(({ lower }) => lower.length);
  const labels = new Uint8Array(planes * rows * columns);
  let next = 0;
  let slabs = 0;
  await executor.run(job, {
    onWindow: async () => undefined,
    onSlab(first, slab) {
      expect(first).toBe(next);
      labels.set(slab, first * rows * columns);
      next += slab.length / (rows * columns);
      slabs++;
    },
    ...hooks,
  });
  if (!hooks.onSlab) expect(next).toBe(planes);
  return { labels, slabs };
}

async function gpu(job: WindowJob, options: GpuWindowsOptions = {}, layout: 'planar' | 'channels-last' = 'planar') {
  const network = await FakeGpuNetwork.open(device, job, layout);
  return { network, executor: new GpuWindows(info, owned, network, options) };
}

const CASES: Record<string, Case & { options?: GpuWindowsOptions; planar?: boolean }> = {
  'many windows, finer output': { dims: [13, 17, 23], patch: [5, 9, 7], native: [19, 24, 31] },
  'coarser output': { dims: [13, 17, 23], patch: [5, 9, 7], native: [5, 9, 7], planar: true },
  'one window': { dims: [5, 9, 7], patch: [5, 9, 7], native: [5, 9, 8], planar: true },
  'smaller than the window on every axis': { dims: [5, 6, 7], patch: [8, 9, 12], native: [9, 7, 13] },
  'one-voxel axes': { dims: [1, 17, 1], patch: [4, 8, 3], native: [1, 21, 1] },
  'one voxel per window along the slowest axis': { dims: [6, 9, 7], patch: [1, 9, 7], native: [11, 9, 7] },
  '17 classes, two channels': { dims: [7, 9, 11], patch: [5, 6, 7], native: [9, 9, 11], classes: 17, channels: 2 },
  'nearest along the slowest axis': { dims: [9, 9, 11], patch: [4, 6, 7], native: [20, 9, 11], nearestZ: true },
  'probabilities of mirrored windows': {
    ...{ dims: [9, 11, 13], patch: [5, 9, 7], native: [9, 14, 13], more: { mirrors: mirrorsOver([0, 1, 2]) } },
  },
  // Not in pairs: the network sees voxels one by one, and would give both of a pair the same.
  'windows mirrored along W, where classes change places': {
    ...{ dims: [9, 11, 13], patch: [5, 9, 7], native: [12, 14, 13], classes: 6 },
    more: { mirrors: mirrorsOver([2]), exchange: [1, 2, 3, 4, 5, 0] },
  },
  'logits of windows mirrored along one axis, as regions': {
    ...{ dims: [9, 11, 13], patch: [5, 9, 7], native: [12, 14, 13], classes: 4 },
    more: {
      reading: { perWindow: 'none', perVoxel: 'none', regions: { order: [3, 1, 2, 5], threshold: 0 } },
      mirrors: mirrorsOver([2]),
    },
  },
  'sigmoid of every window, as regions': {
    ...{ dims: [9, 11, 13], patch: [5, 9, 7], native: [12, 14, 13], planar: true },
    more: { reading: { perWindow: 'sigmoid', perVoxel: 'none', regions: { order: [1, 2, 3], threshold: 0.5 } } },
  },
  'softmax of averaged logits, weights with a floor, in bands': {
    ...{ dims: [9, 17, 23], patch: [5, 9, 7], native: [14, 40, 31], classes: 4 },
    more: { reading: { perWindow: 'none', perVoxel: 'softmax', regions: null }, weightFloor: 0.02 },
    // Two groups of channels: four classes and the weights.
    options: { limits: { maxBufferSize: 24_000, maxStorageBufferBindingSize: 24_000 } },
  },
  'bands of a few rows, for scan and probabilities': {
    ...{ dims: [9, 17, 23], patch: [5, 9, 7], native: [14, 40, 31] },
    // A row of probabilities is 6 planes x 23 x 16 bytes, one of the scan 5 x 23 x 4: bands of 5 and more rows.
    options: { limits: { maxBufferSize: 12_000, maxStorageBufferBindingSize: 12_000 } },
  },
  'bands, smaller than the window': {
    ...{ dims: [5, 6, 7], patch: [8, 9, 12], native: [9, 17, 13] },
    options: { limits: { maxBufferSize: 10_000, maxStorageBufferBindingSize: 10_000 } },
  },
};

describe('windows on the GPU', () => {
  it.each(Object.entries(CASES))('give the labels of the CPU: %s', async (_, c) => {
    const job = makeJob(c);
    const { executor, network } = await gpu(job, c.options, c.planar ? 'planar' : 'channels-last');
    const plan = executor.plan(job);
    if (c.options?.limits) expect(plan.ringBands.length).toBeGreaterThan(1);
    const expected = await labelsOf(new CpuWindows(fakeBackend(job)), job);
    const found = await labelsOf(executor, job);
    expect(new Set(expected.labels).size).toBeGreaterThanOrEqual(Math.min(job.classes, 12));
    const different = found.labels.filter((label, i) => label !== expected.labels[i]).length;
    // Two classes can be equal up to rounding.
    expect(different).toBeLessThanOrEqual(Math.ceil(found.labels.length / 2000));
    expect([network.runs, network.held]).toEqual([windowCount(job), 0]);
    await network.dispose();
  });

  it.each<[string, Case, GpuWindowsOptions]>([
    [
      'in bands',
      { dims: [9, 17, 23], patch: [5, 9, 7], native: [9, 17, 23] },
      CASES['bands of a few rows, for scan and probabilities'].options ?? {},
    ],
    ['of a scan smaller than the window', { dims: [5, 6, 7], patch: [8, 9, 12], native: [9, 7, 13] }, {}],
  ])('are as certain of every plane as on the CPU: %s', async (_, c, options) => {
    const job = { ...makeJob(c), baseCertainty: 0.8 };
    const { executor, network } = await gpu(job, options, 'channels-last');
    const [expected, found]: PlaneCertainty[][] = [[], []];
    await labelsOf(new CpuWindows(fakeBackend(job)), job, {
      onCertainty: (plane, own) => expected.push({ ...own, plane } as never),
    });
    await labelsOf(executor, job, { onCertainty: (plane, own) => found.push({ ...own, plane } as never) });
    expect(found.length).toBe(c.dims[0]);
    for (const [i, { labelled, certainty }] of expected.entries()) {
      expect(found[i]).toMatchObject({ plane: i });
      expect(labelled).toBeGreaterThan(0);
      expect(Math.abs(found[i].labelled - labelled)).toBeLessThanOrEqual(1); // two classes equal up to rounding
      expect(Math.abs(found[i].certainty - certainty)).toBeLessThan(1 + labelled / 1000);
    }
    await network.dispose();
  });

  it('give nearly the same labels when probabilities are summed as halves', async () => {
    const job = makeJob({ dims: [13, 17, 23], patch: [5, 9, 7], native: [19, 24, 31], classes: 5 });
    const { executor, network } = await gpu(job, { sums: 'f16' }, 'channels-last');
    const plan = executor.plan(job);
    expect([plan.half, plan.parts.probabilities]).toEqual([true, 6 * 17 * 23 * 16]);
    const expected = await labelsOf(new CpuWindows(fakeBackend(job)), job);
    const found = await labelsOf(executor, job);
    const different = found.labels.filter((label, i) => label !== expected.labels[i]).length;
    expect(different).toBeGreaterThan(0); // or these were not halves
    expect(different / found.labels.length).toBeLessThan(0.002);
    await network.dispose();
  });

  it('bring finished planes down while later windows run, at most two of them submitted at a time', async () => {
    const job = makeJob({ dims: [17, 9, 7], patch: [5, 9, 7], native: [17, 9, 7] });
    const { executor, network } = await gpu(job);
    const [inFlight, runsAtSlab]: [number[], number[]] = [[], []];
    await executor.run(job, {
      onWindow: async (finished) => void inFlight.push(network.runs - finished),
      onSlab: () => runsAtSlab.push(network.runs),
    });
    // Before a window at most one other is under way; after the last one none is.
    expect(Math.max(...inFlight)).toBe(1);
    expect(inFlight.at(-1)).toBe(0);
    expect(runsAtSlab[0]).toBeLessThan(network.runs);
    await network.dispose();
  });

  it.each<[string, 'planar' | 'channels-last', number, RegExp]>([
    ['NaN', 'planar', Number.NaN, /wgsl \(test\) contains NaN or infinity/],
    ['infinity', 'channels-last', Number.POSITIVE_INFINITY, /contains NaN or infinity/],
    ['zeros', 'planar', 0, /is one value everywhere/],
    ['one value', 'channels-last', 2.5, /is one value everywhere/],
  ])('refuse a network that returns %s in one window (%s)', async (_, layout, value, words) => {
    const job = makeJob({ dims: [17, 9, 7], patch: [5, 9, 7], native: [17, 9, 7] });
    const network = await FakeGpuNetwork.open(device, job, layout, { window: 2, value });
    const executor = new GpuWindows(info, owned, network);
    const failed = labelsOf(executor, job);
    await expect(failed).rejects.toMatchObject({
      name: 'ModelError',
      code: expect.stringMatching(/^output-(not-finite|constant)/),
    });
    await expect(failed).rejects.toThrow(saying(words));
    await network.dispose();
  });

  it('refuse it in the last windows too, when the planes they touch were never asked for', async () => {
    const full = makeJob({ dims: [17, 9, 7], patch: [5, 9, 7], native: [17, 9, 7] });
    const first = { lower: Int32Array.of(0), upper: Int32Array.of(0), fraction: Float64Array.of(0) };
    const job: WindowJob = { ...full, taps: [first, full.taps[1], full.taps[2]] };
    const last = windowCount(job) - 1;
    const network = await FakeGpuNetwork.open(device, job, 'planar', { window: last, value: Number.NaN });
    const executor = new GpuWindows(info, owned, network);
    await expect(labelsOf(executor, job)).rejects.toMatchObject({
      code: expect.stringMatching(/^output-(not-finite|constant)/),
    });
    await network.dispose();
  });
});

describe('a run on the GPU that ends', () => {
  const job = makeJob({ dims: [13, 17, 23], patch: [5, 9, 13], native: [19, 24, 31] });

  async function open() {
    const { counted, live } = countingDevice(device);
    const network = await FakeGpuNetwork.open(device, job, 'planar');
    const owner = new OwnedDevice(counted);
    return { executor: new GpuWindows(info, owner, network), network, live, owner };
  }

  it('well, twice, holds no memory, and gives the same labels', async () => {
    const { executor, network, live } = await open();
    const first = await labelsOf(executor, job);
    expect(live.size).toBe(0);
    expect((await labelsOf(executor, job)).labels).toEqual(first.labels);
    expect(live.size).toBe(0);
    await network.dispose();
  });

  it('well, after a first look on another grid, gives the labels it gives alone', async () => {
    const { executor, network } = await open();
    const look = makeJob({ dims: [6, 8, 11], patch: [5, 9, 13], native: [6, 8, 11] });
    const mirrored = { ...job, mirrors: mirrorsOver([2]), exchange: [0, 2, 1] };
    for (const next of [look, mirrored, job]) {
      const alone = await gpu(next);
      expect((await labelsOf(executor, next)).labels).toEqual((await labelsOf(alone.executor, next)).labels);
      await alone.network.dispose();
    }
    await network.dispose();
  });

  it('by a cancel stops before the next window, holds no memory, delivers nothing more, and can run again', async () => {
    const { executor, network, live } = await open();
    const expected = await labelsOf(executor, job);
    const runsBefore = network.runs;
    let ended = false;
    const cancelled = labelsOf(executor, job, {
      onWindow: async () => {
        if (network.runs - runsBefore === 5) throw new CancelledError();
      },
      onSlab: () => expect(ended).toBe(false),
    });
    await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
    ended = true;
    expect([network.runs - runsBefore, network.held, live.size]).toEqual([5, 0, 0]);
    expect((await labelsOf(executor, job)).labels).toEqual(expected.labels);
    await network.dispose();
  });

  it('by the loss of the device says so and holds no memory', async () => {
    const { executor, network, live, owner } = await open();
    const run = labelsOf(executor, job, {
      onWindow: async (finished) => {
        if (finished === 2)
          owner.fail(new GpuLostError('gpu-lost', { happened: message('device-lost', { why: 'hung' }) }));
      },
    });
    await expect(run).rejects.toBeInstanceOf(GpuLostError);
    expect(live.size).toBe(0);
    await network.dispose();
  });

  it('by a failure of the network names the provider and holds no memory', async () => {
    const { executor, network, live } = await open();
    network.submit = () => Promise.reject(new Error('Only Conv2d or Conv1d are supported.'));
    await expect(labelsOf(executor, job)).rejects.toThrow(
      saying(/^The model failed on wgsl \(test\): Only Conv2d or Conv1d are supported\.$/, 'run-failed'),
    );
    expect(live.size).toBe(0);
    await network.dispose();
  });

  it('before it begins, when the plan exceeds the budget, holds no memory', async () => {
    const { network, live } = await open();
    const executor = new GpuWindows(info, owned, network, { budget: 10_000 });
    await expect(labelsOf(executor, job)).rejects.toMatchObject({ code: 'graphics-memory-budget' });
    expect([live.size, network.runs]).toEqual([0, 0]);
    await network.dispose();
  });
});

describe('a run on a device that refuses work', () => {
  const job = { ...makeJob({ dims: [13, 9, 13], patch: [5, 9, 9], native: [17, 11, 15] }), baseCertainty: 0.8 };
  let refusable: GPUDevice;
  beforeAll(async () => {
    // Every refusal is also printed.
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    refusable = await openGpuDevice();
  });
  afterAll(() => {
    vi.restoreAllMocks();
    refusable.destroy();
  });
  let expected: Uint8Array;
  let submitsOfRun: number;

  /** Runs with submits refused. @returns what was delivered, and how it ended */
  async function runWith(isRefused: (submit: number) => boolean) {
    const { device: refusing, counter } = refusingDevice(refusable, isRefused);
    const owner = new OwnedDevice(refusing);
    const network = await FakeGpuNetwork.open(refusing, job, 'planar');
    const executor = new GpuWindows(info, owner, network);
    const delivered: { first: number; slab: Uint8Array }[] = [];
    const ended = await executor
      .run(job, {
        onWindow: async () => undefined,
        onSlab: (first, slab) => void delivered.push({ first, slab }),
      })
      .then(
        () => null,
        (error) => error,
      );
    await executor.dispose();
    return { delivered, ended, executor, submits: counter.submits };
  }

  it('is a whole one when nothing is refused', async () => {
    const { labels } = await labelsOf(new CpuWindows(fakeBackend(job)), job);
    const { delivered, ended, submits } = await runWith(() => false);
    expected = labels;
    submitsOfRun = submits;
    expect([ended, delivered.map(({ first }) => first)[0]]).toEqual([null, 0]);
    expect(delivered.reduce((sum, { slab }) => sum + slab.length, 0)).toBe(labels.length);
  });

  it('never gives a wrong mask, whichever submit is the first or the only one to be refused', async () => {
    const plane = expected.length / 17;
    // The first window's, every fifth, and the last ones.
    const tried = Array.from({ length: submitsOfRun }, (_, n) => n);
    for (const n of tried.filter((n) => n < 6 || n % 5 === 0 || n >= submitsOfRun - 4)) {
      for (const isRefused of [(submit: number) => submit >= n, (submit: number) => submit === n]) {
        const { delivered, ended, executor } = await runWith(isRefused);
        expect(ended, `submit ${n} of ${submitsOfRun}`).toMatchObject({ name: 'GpuLostError', code: 'gpu-error' });
        expect(say(ended)).toMatch(/refused a part of the work \(.*destroyed.*\), so its results are not used/);
        expect(executor.failure).toBe(ended);
        // What was shown before is what it would have been.
        for (const { first, slab } of delivered) {
          const right = expected.subarray(first * plane, first * plane + slab.length);
          const different = slab.filter((label, i) => label !== right[i]).length;
          expect(different).toBeLessThanOrEqual(Math.ceil(slab.length / 2000));
        }
      }
    }
  });

  it('is not begun again: the device counts as failed', async () => {
    const real = await openGpuDevice();
    const owner = new OwnedDevice(real);
    const network = await FakeGpuNetwork.open(real, job, 'planar');
    const executor = new GpuWindows(info, owner, network);
    expect(executor.failure).toBeNull();
    real.destroy(); // not by its owner
    await real.lost;
    await expect(labelsOf(executor, job)).rejects.toMatchObject({ code: 'gpu-lost' });
    expect([executor.failure?.code, network.runs]).toEqual(['gpu-lost', 0]);
  });

  it('is ended with everything released, though closing the network fails', async () => {
    const real = await openGpuDevice();
    const owner = new OwnedDevice(real);
    const network = await FakeGpuNetwork.open(real, job, 'planar');
    network.dispose = () => Promise.reject(new Error('session'));
    const executor = new GpuWindows(info, owner, network);
    await expect(executor.dispose()).rejects.toThrow('session');
    expect((await real.lost).reason).toBe('destroyed');
    expect(executor.failure).toBeNull(); // destroyed by its owner
  });
});
