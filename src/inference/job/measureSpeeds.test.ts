import { describe, expect, it, vi } from 'vitest';
import { knownArithmetic } from '../gpu/arithmeticRate';
import { measurementsInMemory } from '../gpu/measurements';
import { lastMeasured, measureAll, measureSpeeds, type SpeedProbes } from './measureSpeeds';

/** The convolution is 0.226 GFLOP: 100 GFLOP/s do it in 2.3 ms, 2 threads of WebAssembly in 1.9 ms at the very best. */
const probes = (gflops: number, gpuMs: number, cpuMs: number) => ({
  arithmetic: vi.fn<SpeedProbes['arithmetic']>(async () => gflops),
  gpuMs: vi.fn<SpeedProbes['gpuMs']>(async () => gpuMs),
  cpuMs: vi.fn<SpeedProbes['cpuMs']>(async () => cpuMs),
  transfer: vi.fn<SpeedProbes['transfer']>(async () => ({ uploadGbPerS: 8, readbackGbPerS: 4 })),
  close: vi.fn<SpeedProbes['close']>(async () => undefined),
});

describe('comparing the adapter with the processor', () => {
  it('does not compile the convolution on an adapter whose arithmetic alone is slower than the processor', async () => {
    const p = probes(4, 200, 10);
    const speeds = await measureSpeeds(async () => p, 2, measurementsInMemory());
    expect(speeds).toMatchObject({ gpuAtLeast: true, cpuMs: 10 });
    expect(speeds.gpuMs).toBeCloseTo(56.6, 1);
    expect(p.gpuMs).not.toHaveBeenCalled();
  });

  it('does not start WebAssembly against an adapter that no processor reaches', async () => {
    const p = probes(10_000, 0.2, 10);
    expect(await measureSpeeds(async () => p, 8, measurementsInMemory())).toEqual({
      gpuMs: 0.2,
      gpuAtLeast: false,
      cpuMs: null,
    });
    expect(p.cpuMs).not.toHaveBeenCalled();
  });

  it.each([
    ['fast arithmetic, slow convolution', 1000],
    ['slow arithmetic', 100],
  ])('measures both when it may be close: %s', async (_, gflops) => {
    const p = probes(gflops, 5, 8);
    expect(await measureSpeeds(async () => p, 2, measurementsInMemory())).toEqual({
      gpuMs: 5,
      gpuAtLeast: false,
      cpuMs: 8,
    });
    expect(p.cpuMs).toHaveBeenCalledOnce();
  });

  it('measures once per adapter and number of threads', async () => {
    const kept = measurementsInMemory();
    const p = probes(1000, 5, 20);
    const first = await measureSpeeds(async () => p, 2, kept);
    expect(await measureSpeeds(async () => p, 2, kept)).toEqual(first);
    expect(p.arithmetic).toHaveBeenCalledOnce();
    await measureSpeeds(async () => p, 1, kept);
    expect(p.arithmetic).toHaveBeenCalledTimes(2);
  });

  it('opens no device when the answer is known', async () => {
    const kept = measurementsInMemory();
    const open = vi.fn(async () => probes(1000, 5, 20));
    await measureSpeeds(open, 2, kept);
    await measureSpeeds(open, 2, kept);
    expect(open).toHaveBeenCalledOnce();
    expect(await knownArithmetic(kept)).toBe(1000);
  });

  it('keeps nothing of a device that failed while it was measured, and reports what failed first', async () => {
    const kept = measurementsInMemory();
    const refused = { ...probes(1000, 0.001, 20), close: vi.fn(() => Promise.reject(new Error('refused'))) };
    await expect(measureSpeeds(async () => refused, 2, kept)).rejects.toThrow('refused');
    expect([await kept.get('speeds, 2 threads'), await knownArithmetic(kept)]).toEqual([undefined, undefined]);
    const lost = { ...refused, gpuMs: () => Promise.reject(new Error('lost')) };
    await expect(measureSpeeds(async () => lost, 2, kept)).rejects.toThrow('lost');
    expect(refused.close).toHaveBeenCalledTimes(2);
  });

  it('measures again next time when it was close', async () => {
    const kept = measurementsInMemory();
    const p = probes(1000, 5, 8);
    await measureSpeeds(async () => p, 2, kept);
    await measureSpeeds(async () => p, 2, kept);
    expect(p.arithmetic).toHaveBeenCalledTimes(2);
  });
});

describe('measuring everything', () => {
  it('says what it does, keeps all of it, and later choices use it', async () => {
    const kept = measurementsInMemory();
    const p = probes(1000, 5, 20);
    const steps: string[] = [];
    const cpu = vi.fn(async () => 20);
    const measured = await measureAll(
      async () => p,
      cpu,
      2,
      kept,
      (step, done, total) => steps.push(`${step} ${done}/${total}`),
    );
    expect(steps).toEqual(['arithmetic 0/4', 'transfer 1/4', 'cpu 2/4', 'gpu 3/4']);
    expect(measured).toMatchObject({ gflops: 1000, gpuMs: 5, gpuAtLeast: false, cpuMs: 20, uploadGbPerS: 8 });
    expect(Date.now() - Date.parse(measured.measuredAt)).toBeLessThan(60_000);
    expect(await lastMeasured(kept, 2)).toEqual(measured);
    expect(await lastMeasured(kept, 1)).toBeNull();
    const open = vi.fn(async () => p);
    expect(await measureSpeeds(open, 2, kept)).toEqual({ gpuMs: 5, gpuAtLeast: false, cpuMs: 20 });
    expect(open).not.toHaveBeenCalled();
  });

  it('measures again what is kept, and forgets a choice that is not clear any more', async () => {
    const kept = measurementsInMemory();
    await measureSpeeds(async () => probes(1000, 5, 20), 2, kept);
    const p = probes(1000, 5, 6);
    await measureAll(async () => p, p.cpuMs, 2, kept);
    expect(await measureSpeeds(async () => p, 2, kept)).toMatchObject({ cpuMs: 6 });
    expect(p.gpuMs).toHaveBeenCalledTimes(2);
  });

  it('measures the processor alone where there is no adapter, and no convolution on one that cannot win', async () => {
    const none = await measureAll(null, async () => 20, 2, measurementsInMemory());
    expect(none).toMatchObject({ gflops: null, gpuMs: null, cpuMs: 20, uploadGbPerS: null });
    const slow = probes(4, 200, 10);
    expect(await measureAll(async () => slow, slow.cpuMs, 2, measurementsInMemory())).toMatchObject({
      gpuAtLeast: true,
      cpuMs: 10,
    });
    expect(slow.gpuMs).not.toHaveBeenCalled();
  });

  it('closes the adapter when a probe fails, and keeps nothing', async () => {
    const kept = measurementsInMemory();
    const p = probes(1000, 5, 20);
    p.transfer.mockRejectedValue(new Error('lost'));
    await expect(measureAll(async () => p, p.cpuMs, 2, kept)).rejects.toThrow('lost');
    expect(p.close).toHaveBeenCalledOnce();
    expect(await lastMeasured(kept, 2)).toBeNull();
  });
});
