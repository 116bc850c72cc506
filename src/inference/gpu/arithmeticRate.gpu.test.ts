import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openGpuDevice } from '../../testing/gpuDevice';
import { clockedDevice } from '../../testing/gpuFaults';
import { measureArithmetic } from './arithmeticRate';
import { Program } from './program';
import { Recorder } from './recorder';
import { timeKernels } from './timing';

const device = await openGpuDevice();
afterAll(() => device.destroy());
afterEach(() => vi.restoreAllMocks());

/** 64 threads of 256 rounds of eight chains of vec4, multiplied and added. */
const FLOPS_PER_WORKGROUP = 64 * 256 * 8 * 4 * 2;

/** Answers that are uniformly up to `most` ms late. */
function lateByChance(most: number, seed: number) {
  let state = seed;
  return (doneAt: number) => {
    state = (1664525 * state + 1013904223) >>> 0;
    return doneAt + (most * state) / 2 ** 32;
  };
}

describe('the arithmetic of an adapter without a clock of its own', () => {
  const answers: [string, (doneAt: number) => number][] = [
    ['at once', (doneAt) => doneAt],
    ['5 ms late', (doneAt) => doneAt + 5],
    ['100 ms late', (doneAt) => doneAt + 100],
  ];
  const rates = [1.07, 40, 1000, 20_000];
  it.each(answers.flatMap(([how, answeredAt]) => rates.map((gflops) => [how, gflops, answeredAt] as const)))(
    'is measured as it is when work is said to be done %s: %d GFLOP/s',
    async (_, gflops, answeredAt) => {
      const { clocked, now } = clockedDevice(device, gflops, FLOPS_PER_WORKGROUP, answeredAt);
      vi.spyOn(performance, 'now').mockImplementation(now);
      expect((await measureArithmetic(clocked, 2)) / gflops).toBeCloseTo(1, 6);
      // Nobody waits long for it.
      expect(now()).toBeLessThan(5000);
    },
  );

  it.each(rates)('is at most two times off where the browser looks every 100 ms: %d GFLOP/s', async (gflops) => {
    const { clocked, now } = clockedDevice(
      device,
      gflops,
      FLOPS_PER_WORKGROUP,
      (doneAt) => 100 * (Math.floor(doneAt / 100) + 1),
    );
    vi.spyOn(performance, 'now').mockImplementation(now);
    const ratio = (await measureArithmetic(clocked, 2)) / gflops;
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2.1);
  });

  it.each([5, 30, 100].flatMap((most) => rates.map((gflops) => [most, gflops] as const)))(
    'is at most two times off where answers are up to %d ms late by chance: %d GFLOP/s',
    async (most, gflops) => {
      for (let seed = 1; seed <= 20; seed++) {
        const { clocked, now } = clockedDevice(device, gflops, FLOPS_PER_WORKGROUP, lateByChance(most, seed));
        vi.spyOn(performance, 'now').mockImplementation(now);
        const ratio = (await measureArithmetic(clocked, 2)) / gflops;
        expect(ratio).toBeGreaterThan(0.5);
        expect(ratio).toBeLessThan(2);
      }
    },
  );
});

describe('a kernel of two milliseconds', () => {
  it('is timed within a factor of two where answers are up to 100 ms late by chance', async () => {
    const gflops = FLOPS_PER_WORKGROUP / 2e6;
    const r = new Recorder();
    const code = '@compute @workgroup_size(1) fn main() {}';
    r.dispatch({ label: 'nothing', code, access: [], flops: 1, bytes: 0, workgroups: [1, 1, 1] }, []);
    for (let seed = 1; seed <= 20; seed++) {
      const { clocked, now } = clockedDevice(device, gflops, FLOPS_PER_WORKGROUP, lateByChance(100, seed));
      using program = await Program.compile(clocked, r);
      vi.spyOn(performance, 'now').mockImplementation(now);
      const { times } = await timeKernels(clocked, program, 50);
      expect(times[0].ms).toBeGreaterThan(1);
      expect(times[0].ms).toBeLessThan(4);
    }
  });
});
