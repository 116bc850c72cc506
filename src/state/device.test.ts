import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { message } from '../core/messages';
import type { DeviceReport, RunPlan } from '../inference/protocol';
import { app, model, open } from '../testing/testApp';

const plan: RunPlan = {
  provider: { provider: 'wasm', adapter: message('threads', { count: 2 }), reason: message('wasm-chosen') },
  windows: { least: 1, most: 1 },
  prediction: null,
  memory: null,
  downloadBytes: 0,
  gflopPerWindow: null,
  selfTest: null,
};
const device = { webgpu: false, adapter: null } as unknown as DeviceReport;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('plans once where several things change, again after a run, and never shows the plan of something else', async () => {
  const planRun = vi.fn(async () => plan);
  const a = app({ planRun });
  await a.loadModels();
  await open(a, 'a.nii');
  a.selectProvider('wasm');
  await vi.advanceTimersByTimeAsync(1000);
  expect(planRun).toHaveBeenCalledTimes(1);
  expect(planRun).toHaveBeenCalledWith(
    [expect.objectContaining({ name: 'a.nii', dimsXyz: [2, 3, 1] })],
    expect.objectContaining({ provider: 'wasm' }),
  );
  expect(a.state.getState().plan).toBe(plan);
  await a.segment();
  await vi.advanceTimersByTimeAsync(1000);
  expect(planRun).toHaveBeenCalledTimes(2);
  a.selectProvider('auto');
  expect(a.state.getState().plan).toBeNull();
});

it('drops the answer to an earlier question', async () => {
  const answers: ((plan: RunPlan) => void)[] = [];
  const a = app({ planRun: () => new Promise((resolve) => answers.push(resolve)) });
  await a.loadModels();
  await open(a, 'a.nii');
  await vi.advanceTimersByTimeAsync(1000);
  a.selectProvider('wasm');
  await vi.advanceTimersByTimeAsync(1000);
  const later = { ...plan, downloadBytes: 7 };
  answers[1](later);
  answers[0](plan);
  await vi.advanceTimersByTimeAsync(0);
  expect(a.state.getState().plan).toBe(later);
});

it('keeps a failed plan off the page, and says it in the state', async () => {
  const error = new Error('no');
  const a = app({ planRun: () => Promise.reject(error) });
  await a.loadModels();
  await open(a, 'a.nii');
  await vi.advanceTimersByTimeAsync(1000);
  expect(a.state.getState()).toMatchObject({ deviceError: error, plan: null, notices: [] });
});

it('measures one thing at a time, can be stopped without an error, and reads what is known afterwards', async () => {
  const measureDevice = vi.fn(
    ({ signal }: { signal?: AbortSignal } = {}) =>
      new Promise<DeviceReport>((_, reject) => signal?.addEventListener('abort', () => reject(new Error('stopped')))),
  );
  const a = app({ measureDevice, planRun: async () => plan, describeDevice: async () => device });
  await a.loadModels();
  const measured = a.measureDevice();
  await a.measureDevice();
  expect(measureDevice).toHaveBeenCalledTimes(1);
  expect(a.state.getState().deviceWork).toEqual({ kind: 'measure', progress: null });
  a.stopDeviceWork();
  await measured;
  expect(a.state.getState()).toMatchObject({ deviceWork: null, deviceError: null, device });
  expect(a.state.getState().selfTests).toEqual({ 'bundled:brain-mri': null });
});

it('says what a model answered while another is out of reach', async () => {
  const selfTest = { outcome: 'passed' } as RunPlan['selfTest'];
  const planRun = async (_: unknown, { modelUrl }: { readonly modelUrl: string }) => {
    if (modelUrl.includes('hippocampus')) throw new Error('no network');
    return { ...plan, selfTest };
  };
  const models = ['brain-mri', 'hippocampus'].map((name) => ({
    address: `http://test/models/${name}/`,
    manifest: { ...model, name },
  }));
  const fetchModels = async () => ({ models, errors: [], isRemembered: false });
  const a = app({ planRun, describeDevice: async () => device }, { fetchModels });
  await a.loadModels();
  await a.describeDevice();
  expect(a.state.getState()).toMatchObject({
    deviceError: null,
    selfTests: { 'bundled:brain-mri': selfTest, 'bundled:hippocampus': null },
  });
});
