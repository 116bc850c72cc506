import { describe, expect, it } from 'vitest';
import { measurementsInMemory } from '../gpu/measurements';
import type { MeasuredSpeeds, Timings } from '../protocol';
import { type KeptRuns, keepRun, keptRuns, predict, type RunOf, secondsOf } from './runHistory';

const of: RunOf = { sha256: 'abc', provider: 'wgsl', precision: 'fp32', threads: 2 };
const timings = (windows: number, scale = 1): Timings => ({
  phaseMs: { 'load-model': 5000, prepare: 1000, compile: 2000 * scale, infer: windows * 100 * scale, finish: 1000 },
  totalMs: 7000 + (2000 + windows * 100) * scale,
  windows,
  medianWindowMs: 100 * scale,
});
const speeds: MeasuredSpeeds = {
  ...{ gflops: 1000, gpuMs: 2, gpuAtLeast: false, cpuMs: 20, uploadGbPerS: null, readbackGbPerS: null },
  measuredAt: '',
};
const cost = { gflopPerWindow: 22.65, bytes: { fp32: 1, fp16: 1 } };
const unknown = { runs: null, speeds: null, cost: null };
const exactly = (count: number) => ({ least: count, most: count });

describe('what runs say about the next one', () => {
  it('predicts a run like the last one, larger ones by their windows and voxels, downloads left out', async () => {
    const kept = measurementsInMemory();
    const taken = timings(10);
    await keepRun(kept, of, { timings: taken, voxels: 1000, isFresh: true, expected: null });
    const runs = await keptRuns(kept, of);
    const same = predict(exactly(10), 1000, 'wgsl', { ...unknown, runs });
    expect(same).toMatchObject({ basis: 'earlier-runs', runs: 1, spread: 1.5 });
    const { least, most } = same?.seconds ?? { least: 0, most: 0 };
    expect(Math.sqrt(least * most)).toBeCloseTo(secondsOf(taken), 6);
    const larger = predict({ least: 10, most: 110 }, 2000, 'wgsl', { ...unknown, runs });
    // 2 s to open, 4 s for twice the voxels, 1 s to 11 s for windows.
    expect(larger?.seconds.least).toBeCloseTo(7 / 1.5, 6);
    expect(larger?.seconds.most).toBeCloseTo(17 * 1.5, 6);
  });

  it('narrows as predictions come true and widens when they do not', async () => {
    const kept = measurementsInMemory();
    const run = async (scale: number) => {
      const runs = await keptRuns(kept, of);
      const expected = predict(exactly(10), 1000, 'wgsl', { ...unknown, runs });
      await keepRun(kept, of, { timings: timings(10, scale), voxels: 1000, isFresh: true, expected });
      return expected?.spread;
    };
    for (let n = 0; n < 3; n++) await run(1);
    expect(await run(1)).toBe(1.15);
    await run(4);
    expect(await run(4)).toBeGreaterThan(1.5);
    expect((await keptRuns(kept, of))?.runs).toBe(6);
  });

  it('keeps how long opening takes from a run that opened', async () => {
    const kept = measurementsInMemory();
    await keepRun(kept, of, { timings: timings(10), voxels: 1000, isFresh: true, expected: null });
    const again = { ...timings(10), phaseMs: { ...timings(10).phaseMs, compile: 1 } };
    await keepRun(kept, of, { timings: again, voxels: 1000, isFresh: false, expected: null });
    expect((await keptRuns(kept, of))?.openMs).toBe(2000);
  });

  it('tells models, providers and precisions apart, and threads on the processor alone', async () => {
    const kept = measurementsInMemory();
    await keepRun(kept, of, { timings: timings(10), voxels: 1000, isFresh: true, expected: null });
    expect(await keptRuns(kept, { ...of, threads: 1 })).not.toBeNull();
    for (const other of [{ sha256: 'x' }, { provider: 'wasm' as const }, { precision: 'fp16' }]) {
      expect(await keptRuns(kept, { ...of, ...other })).toBeNull();
    }
  });

  it('goes by the speed of the device for a model that has not run on it', () => {
    // The convolution is 0.2265 GFLOP in 2 ms: 22.65 GFLOP take 0.2 s; in WebAssembly ten times as long.
    const onGpu = predict(exactly(10), 1, 'wgsl', { ...unknown, speeds, cost });
    expect(onGpu).toMatchObject({ basis: 'device-speed', runs: 0 });
    expect(Math.sqrt((onGpu?.seconds.least ?? 0) * (onGpu?.seconds.most ?? 0))).toBeCloseTo(2, 2);
    const onCpu = predict(exactly(10), 1, 'wasm', { ...unknown, speeds, cost });
    expect((onCpu?.seconds.least ?? 0) / (onGpu?.seconds.least ?? 1)).toBeCloseTo(10, 6);
    expect(predict(exactly(10), 1, 'wgsl', { ...unknown, cost })).toBeNull();
    expect(predict(exactly(10), 1, 'wgsl', { ...unknown, speeds })).toBeNull();
    expect(predict(exactly(10), 1, 'wasm', { runs: null, cost, speeds: { ...speeds, cpuMs: null } })).toBeNull();
  });

  it('is kept as plain data', async () => {
    const kept = measurementsInMemory();
    await keepRun(kept, of, { timings: timings(10), voxels: 1000, isFresh: true, expected: null });
    const runs = (await keptRuns(kept, of)) as KeptRuns;
    expect(JSON.parse(JSON.stringify(runs))).toEqual(runs);
  });
});
