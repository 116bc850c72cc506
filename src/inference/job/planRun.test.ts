import { readFileSync } from 'node:fs';
import { afterEach, expect, it, vi } from 'vitest';
import { message } from '../../core/messages';
import { ModelLibrary } from '../../models/library';
import { parseManifest } from '../../models/manifest';
import { MemoryStore } from '../../testing/memoryStore';
import type { PlanInput } from '../protocol';
import { machineMeasurements } from './describeDevice';
import { expectation, planRun, runOf } from './planRun';
import { keepRun } from './runHistory';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../../public/models/${name}/model.json`, import.meta.url), 'utf8'));

function serve(name: string): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    return new Response(JSON.stringify(read(name)), { headers: { 'content-type': 'application/json' } });
  });
  vi.stubGlobal('navigator', { hardwareConcurrency: 2 });
  return asked;
}
afterEach(() => vi.unstubAllGlobals());

const input = (size: number, more: Partial<PlanInput> = {}): PlanInput => ({
  volumes: [
    {
      dimsXyz: [size, size, size],
      spacingXyz: [1, 1, 1],
      affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
      name: 'scan.nii',
      warnings: [],
    },
  ],
  modelUrl: 'http://models.test/m/',
  provider: 'auto',
  precision: 'fp32',
  ...more,
});

it('says windows, memory, arithmetic and download, and asks for nothing but the description', async () => {
  const asked = serve('hippocampus');
  const plan = await planRun(input(50), null);
  expect(asked).toEqual(['http://models.test/m/model.json']);
  expect(plan).toMatchObject({ windows: { least: 18, most: 18 }, downloadBytes: 5144641, prediction: null });
  expect(plan.provider?.provider).toBe('wasm');
  expect(plan.gflopPerWindow).toBeGreaterThan(0.1);
  // 33 planes of 50 x 50 voxels and 3 classes, the model grid, the mask.
  expect(plan.memory?.bytes).toBe(33 * 50 * 50 * 3 * 4 + 50 ** 3 * 4 + 50 ** 3);
});

it('counts what is in this browser already', async () => {
  serve('brain-mri');
  const manifest = parseManifest(read('brain-mri'));
  const library = new ModelLibrary(new MemoryStore());
  await library.startDownload('http://models.test/m/', manifest, async () => null);
  expect((await planRun(input(50), library)).downloadBytes).toBe(manifest.weights.bytes);
  const list = library.list.bind(library);
  library.list = async () => (await list()).map((model) => ({ ...model, storedBytes: 1000 }));
  expect((await planRun(input(50), library)).downloadBytes).toBe(manifest.weights.bytes - 1000);
});

it('gives a span of windows where a first look decides', async () => {
  serve('brain-mri');
  const { windows } = await planRun(input(300), null);
  expect(windows.least).toBeGreaterThan(1);
  expect(windows.most).toBeGreaterThan(4 * windows.least);
});

it('knows no provider on an adapter that has not been measured', async () => {
  serve('hippocampus');
  const adapter = { info: { vendor: 'a' }, limits: {}, features: new Set() };
  vi.stubGlobal('navigator', { hardwareConcurrency: 2, gpu: { requestAdapter: async () => adapter } });
  expect(await planRun(input(50), null)).toMatchObject({ provider: null, prediction: null, memory: null });
});

it('expects a network that is open to start at once', async () => {
  serve('hippocampus');
  const manifest = parseManifest(read('hippocampus'));
  const facts = { webgpu: false, adapter: null, hardwareConcurrency: 2, crossOriginIsolated: true };
  const [scan] = input(50).volumes;
  const chosen = { provider: 'wasm', adapter: message('test'), reason: message('test') } as const;
  const timings = { phaseMs: { compile: 9000, infer: 18_000 }, totalMs: 27_000, windows: 18, medianWindowMs: 1000 };
  const taken = { timings, voxels: 50 ** 3, isFresh: true, expected: null };
  await keepRun(machineMeasurements(facts), runOf(manifest, chosen, 'fp32', facts), taken);
  const seconds = async (isOpen: boolean) => {
    const expected = await expectation({ precision: 'fp32' }, scan, manifest, { facts, chosen, cost: null, isOpen });
    return Math.sqrt((expected?.seconds.least ?? 0) * (expected?.seconds.most ?? 0));
  };
  expect(await seconds(false)).toBeCloseTo(27, 6);
  expect(await seconds(true)).toBeCloseTo(18, 6);
});
