import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CancelledError } from '../core/errors';
import type { SegmentOptions } from '../inference/client';
import type { SegmentResult } from '../inference/protocol';
import type { StoredModel } from '../models/library';
import type { Manifest } from '../models/manifest';
import { app, model, onScreen, open, segmented, volume, type Work } from '../testing/testApp';
import { IDLE_MS } from './demo';
import { askedDemo, DEMOS } from './demoScripts';

const ADDRESS = 'http://test/models/abdomen-ct/';

/** The app with the models that the scripts name, and a run that ends when it is told to. */
function hall(segment?: Work['segment']) {
  const keepModel = vi.fn(async () => ({}) as StoredModel);
  const run = vi.fn<Work['segment']>(segment ?? (async () => segmented(volume('scan'))));
  const manifests = ['abdomen-ct', 'brain-mri-lite'].map((name): Manifest => ({ ...model, name }));
  const models = manifests.map((manifest) => ({ address: `http://test/models/${manifest.name}/`, manifest }));
  const a = app(
    { segment: run, keepModel },
    { fetchModels: async () => ({ models, errors: [], isRemembered: false }) },
  );
  return { a, run, keepModel, now: () => a.state.getState() };
}

const walkTo = (a: ReturnType<typeof app>, step: number) => {
  for (let i = 0; i < step; i++) a.stepDemo(1);
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets everything happen that waits for nothing but promises. */
const settle = () => vi.advanceTimersByTimeAsync(0);

describe('a demonstration', () => {
  it('has its scan read and its model ready before it runs', async () => {
    const { a, run, keepModel, now } = hall();
    await a.startDemo('abdomen');
    expect(onScreen(a).scan?.name).toBe('abdomen_ct.nii.gz');
    expect(now()).toMatchObject({
      modelId: 'bundled:abdomen-ct',
      status: 'ready',
      demo: { step: 0, modelKept: true },
      notices: [],
    });
    expect(keepModel).toHaveBeenCalledWith(ADDRESS);
    a.stepDemo(1);
    expect(run).not.toHaveBeenCalled();
    a.stepDemo(1);
    await settle();
    expect(run).toHaveBeenCalledTimes(1);
    expect(run.mock.calls[0][1].onPreview).toBeDefined();
    expect(now()).toMatchObject({ status: 'segmented', demo: { step: 2, times: { firstMasks: 0, allMasks: 0 } } });
    a.stepDemo(-1);
    a.stepDemo(1);
    await settle();
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('runs once its scan is there where the presenter was faster', async () => {
    const { a, run } = hall();
    const started = a.startDemo('abdomen');
    walkTo(a, 4);
    expect(run).not.toHaveBeenCalled();
    await started;
    await settle();
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('stays within its steps', async () => {
    const { a, now } = hall();
    await a.startDemo('brain');
    a.stepDemo(-1);
    expect(now().demo?.step).toBe(0);
    walkTo(a, 20);
    expect(now().demo?.step).toBe(DEMOS.brain.steps.length - 1);
  });

  it('asks nothing about masks that it can make again', async () => {
    const { a, now } = hall();
    await a.startDemo('abdomen');
    walkTo(a, 2);
    await settle();
    await a.startDemo('brain');
    expect(now()).toMatchObject({ question: null, demo: { id: 'brain', step: 0 }, status: 'ready' });
    expect(onScreen(a)).toMatchObject({ scan: { name: 'brain_t1.nii.gz' }, labels: null });
  });

  it('goes back to its start after three minutes, with the scan that it has, and never while it runs', async () => {
    let finish: (result: SegmentResult) => void = () => undefined;
    const { a, run, now } = hall(() => new Promise((resolve) => (finish = resolve)));
    await a.startDemo('abdomen');
    const scan = onScreen(a).scan;
    walkTo(a, 3);
    await vi.advanceTimersByTimeAsync(2 * IDLE_MS);
    expect(now()).toMatchObject({ status: 'segmenting', demo: { step: 3 } });
    finish(segmented(volume('scan')));
    await vi.advanceTimersByTimeAsync(IDLE_MS - 10_000);
    a.noteDemoInput();
    await vi.advanceTimersByTimeAsync(IDLE_MS - 10_000);
    expect(now().demo?.step).toBe(3);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(now()).toMatchObject({ status: 'ready', demo: { step: 0 } });
    expect(onScreen(a)).toMatchObject({ scan, labels: null });
    walkTo(a, 2);
    await settle();
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('goes back to its start on waking up, however few timers ran meanwhile', async () => {
    const { a, now } = hall();
    await a.startDemo('abdomen');
    walkTo(a, 3);
    await settle();
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(5000);
    expect(now().demo?.step).toBe(0);
  });

  it('begins again, or with another scan, in the middle of a run', async () => {
    const { a, run, now } = hall();
    const cancelled = vi.fn();
    run.mockImplementation(
      (_, { signal }) =>
        new Promise((_resolve, reject) =>
          signal?.addEventListener('abort', () => {
            cancelled();
            reject(new CancelledError());
          }),
        ),
    );
    await a.startDemo('abdomen');
    walkTo(a, 2);
    await settle();
    await a.startDemo('abdomen');
    expect(cancelled).toHaveBeenCalledTimes(1);
    expect(now()).toMatchObject({ status: 'ready', demo: { id: 'abdomen', step: 0 }, notices: [] });
    walkTo(a, 2);
    await settle();
    await a.startDemo('brain');
    expect(cancelled).toHaveBeenCalledTimes(2);
    expect(now()).toMatchObject({ demo: { id: 'brain', step: 0 }, status: 'ready' });
    expect(onScreen(a).scan?.name).toBe('brain_t1.nii.gz');
  });

  it('goes back to its start also while its scan is being read', async () => {
    const { a, now } = hall();
    const started = a.startDemo('abdomen');
    walkTo(a, 3);
    await a.restartDemo();
    await a.startDemo('abdomen');
    await started;
    expect(now()).toMatchObject({ status: 'ready', demo: { step: 0, modelKept: true } });
    expect(onScreen(a).scan?.name).toBe('abdomen_ct.nii.gz');
  });

  it('says nothing of a model that was chosen before and does not suit its scan', async () => {
    const { a, now } = hall();
    await a.loadModels();
    a.selectModel('bundled:brain-mri-lite');
    await a.startDemo('abdomen');
    expect(now()).toMatchObject({ modelId: 'bundled:abdomen-ct', notices: [] });
  });

  it('says that the run has begun anew where its device failed', async () => {
    let finish: (result: SegmentResult) => void = () => undefined;
    const { a, run, now } = hall();
    run.mockImplementation((_, { onProgress, onSlab }: SegmentOptions) => {
      onSlab?.({ startXyz: [0, 0, 0], dimsXyz: [2, 1, 1], data: Uint8Array.of(1, 1) });
      onProgress?.({ phase: 'prepare', done: 0, total: 0, secondsLeft: null });
      return new Promise((resolve) => (finish = resolve));
    });
    await a.startDemo('abdomen');
    walkTo(a, 2);
    await settle();
    expect(now().demo).toMatchObject({ begunAnew: true });
    finish(segmented(volume('scan')));
    await settle();
    expect(now()).toMatchObject({ status: 'segmented' });
    await a.restartDemo();
    expect(now().demo).toMatchObject({ begunAnew: false });
  });

  it('can be tried again from where a run failed', async () => {
    const { a, run, now } = hall();
    run.mockRejectedValueOnce(new Error('device gone'));
    await a.startDemo('abdomen');
    walkTo(a, 2);
    await settle();
    expect(now().status).toBe('failed');
    a.stepDemo(1);
    await settle();
    expect(now()).toMatchObject({ status: 'segmented', demo: { step: 3 } });
  });

  it('ends when the user opens a scan of his own, and does not come back', async () => {
    const { a, now } = hall();
    await a.startDemo('abdomen');
    await open(a, 'mine.nii');
    expect(now().demo).toBeNull();
    await vi.advanceTimersByTimeAsync(2 * IDLE_MS);
    expect(now().demo).toBeNull();
    expect(onScreen(a).scan?.name).toBe('mine.nii');
  });

  it('leaves the scan open when it ends', async () => {
    const { a, now } = hall();
    await a.startDemo('abdomen');
    a.endDemo();
    expect(now()).toMatchObject({ demo: null, modelAsked: false });
    expect(onScreen(a).scan?.name).toBe('abdomen_ct.nii.gz');
  });

  it('says so where its scan is not to be had', async () => {
    const a = app({}, { fetchSample: () => Promise.reject(new Error('offline')) });
    await a.startDemo('abdomen');
    walkTo(a, 3);
    expect(a.state.getState()).toMatchObject({ demo: { scan: 'missing' }, status: 'idle' });
    expect(a.state.getState().notices).toHaveLength(1);
  });

  it('leaves a run of the user alone', async () => {
    const { a, run, now } = hall(() => new Promise(() => undefined));
    await a.loadModels();
    await open(a, 'mine.nii');
    void a.segment();
    await settle();
    await a.startDemo('abdomen');
    expect(now()).toMatchObject({ demo: null, status: 'segmenting' });
    expect(run).toHaveBeenCalledTimes(1);
  });
});

describe('the scripts', () => {
  it('are asked for by name, or by 1', () => {
    expect(['brain', 'abdomen', '1', 'toString', '', null].map(askedDemo)).toEqual([
      'brain',
      'abdomen',
      'brain',
      null,
      null,
      null,
    ]);
  });

  it.each(Object.values(DEMOS))(
    'name structures that their model has: $id',
    async ({ modelId, listed, steps, runStep }) => {
      const { labels } = (await import(`../../public/models/${modelId.replace('bundled:', '')}/model.json`))
        .default as Manifest;
      const names = labels.map(({ name }) => name);
      for (const { view } of steps)
        expect(names).toEqual(expect.arrayContaining([...(view.only ?? []), view.at ?? 'background']));
      expect(names).toEqual(expect.arrayContaining([...listed]));
      expect(steps.length).toBeLessThanOrEqual(8);
      expect(steps.slice(0, runStep).every(({ view }) => !view.masks)).toBe(true);
    },
  );
});
