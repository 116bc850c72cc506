import { describe, expect, it, vi } from 'vitest';
import { CancelledError } from '../../core/errors';
import { saying } from '../../testing/saying';
import { manifest, scan, thresholds } from '../../testing/thresholdNetwork';
import type { Triple } from '../../volume/grid';
import type { Volume } from '../../volume/volume';
import type { Progress } from '../protocol';
import { CpuWindows } from '../windows/cpu/cpuWindows';
import { segmentVolume } from './segmentVolume';

describe('a run of segmentVolume', () => {
  it('says what memory it planned with every report from the first window on', async () => {
    const seen: Progress[] = [];
    const { memory } = await segmentVolume(
      [scan([13, 17, 23], [2, 2, 2])],
      manifest([8, 8, 8]),
      async () => new CpuWindows(thresholds()),
      { onProgress: (progress) => seen.push(progress) },
    );
    // 9 planes of 17 x 13 voxels and 3 classes, the model grid, the mask.
    expect(memory.bytes).toBe(9 * 17 * 13 * 3 * 4 + 13 * 17 * 23 * 4 + 13 * 17 * 23);
    expect(seen.slice(0, 2).map((progress) => progress.memory)).toEqual([undefined, undefined]);
    for (const progress of seen.slice(2)) expect(progress.memory).toEqual(memory);
  });

  it('stops within one window after a cancel', async () => {
    const controller = new AbortController();
    const backend = thresholds();
    const run = segmentVolume(
      [scan([23, 17, 29], [2, 2, 2])],
      manifest([8, 8, 8]),
      async () => new CpuWindows(backend),
      {
        signal: controller.signal,
        onProgress: ({ done }) => done === 3 && controller.abort(),
      },
    );
    await expect(run).rejects.toBeInstanceOf(CancelledError);
    expect(backend.runs).toBe(3);
  });

  it('lets a cancel in while a large scan is prepared, before it is resampled', async () => {
    const controller = new AbortController();
    const dimsXyz: Triple = [192, 192, 192];
    const volume: Volume = { ...scan([1, 1, 1], [1, 1, 1]), dimsXyz, data: new Int16Array(192 ** 3).fill(1, 192) };
    const stages: string[] = [];
    const run = segmentVolume([volume], manifest([8, 8, 8]), () => Promise.reject(new Error('opened')), {
      signal: controller.signal,
      // A message that comes while the scan is being prepared.
      onProgress: () => setTimeout(() => setTimeout(() => controller.abort())),
      onStage: (stage) => stages.push(stage),
    });
    await expect(run).rejects.toBeInstanceOf(CancelledError);
    expect(stages).toEqual([]);
  });

  it('lets a cancel that arrives as a message through, even when the network never yields', async () => {
    const controller = new AbortController();
    const backend = thresholds();
    const run = segmentVolume(
      [scan([23, 17, 29], [2, 2, 2])],
      manifest([8, 8, 8]),
      async () => new CpuWindows(backend),
      {
        signal: controller.signal,
        onProgress: ({ phase }) => phase === 'compile' && setTimeout(() => controller.abort(), 0),
      },
    );
    await expect(run).rejects.toBeInstanceOf(CancelledError);
    expect(backend.runs).toBeLessThan(3);
  });

  it.each([
    ['NaN', (logits: Float32Array) => logits.fill(Number.NaN, 7, 8), 'NaN or infinity'],
    ['zeros', (logits: Float32Array) => logits.fill(0), 'one value everywhere'],
  ])('refuses a network that returns %s, naming the provider', async (_, spoil, what) => {
    const backend = thresholds();
    const run = backend.run.bind(backend);
    backend.run = async (patch, dims) => spoil(await run(patch, dims));
    const failed = segmentVolume(
      [scan([13, 17, 23], [2, 2, 2])],
      manifest([8, 8, 8]),
      async () => new CpuWindows(backend),
    );
    await expect(failed).rejects.toMatchObject({ name: 'ModelError', code: expect.stringMatching(/^output-/) });
    await expect(failed).rejects.toThrow(
      saying(`on wasm (fake) ${what.startsWith('one') ? 'is' : 'contains'} ${what}`),
    );
  });

  it('refuses a volume without contrast before it loads the network', async () => {
    const flat = scan([13, 17, 23], [2, 2, 2]);
    const open = vi.fn(async () => new CpuWindows(thresholds()));
    await expect(
      segmentVolume([{ ...flat, data: new Float32Array(flat.data.length).fill(3) }], manifest([8, 8, 8]), open),
    ).rejects.toMatchObject({ name: 'InvalidInputError', code: 'constant-volume' });
    expect(open).not.toHaveBeenCalled();
  });

  it('refuses a model that wants several volumes', async () => {
    const two = { ...manifest([8, 8, 8]), channels: ['T1', 'T2'].map((name) => ({ name, hints: [] })) };
    await expect(
      segmentVolume([scan([13, 17, 23], [2, 2, 2])], two, async () => new CpuWindows(thresholds())),
    ).rejects.toMatchObject({ code: 'channels-missing', parameters: { names: 'T1, T2' } });
  });

  it('reports phases in order, counts windows, and ends with nothing left', async () => {
    const seen: Progress[] = [];
    await segmentVolume(
      [scan([23, 17, 29], [2, 2, 2])],
      manifest([13, 13, 13]),
      async () => new CpuWindows(thresholds()),
      {
        onProgress: (progress) => seen.push(progress),
      },
    );
    const phases = seen.map(({ phase }) => phase).filter((phase, i, all) => phase !== all[i - 1]);
    expect(phases).toEqual(['prepare', 'compile', 'infer', 'finish']);
    const windows = seen.filter(({ phase }) => phase === 'infer');
    expect(windows.map(({ done }) => done)).toEqual(Array.from({ length: windows.length }, (_, i) => i + 1));
    expect(windows[windows.length - 1]).toMatchObject({ done: windows[0].total, secondsLeft: 0 });
    expect(seen[0].secondsLeft).toBeNull();
    expect(windows[0].secondsLeft).not.toBeNull();
  });
});
