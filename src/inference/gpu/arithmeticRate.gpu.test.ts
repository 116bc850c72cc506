import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { openGpuDevice } from '../../testing/gpuDevice';
import { clockedDevice } from '../../testing/gpuFaults';
import { measureArithmetic } from './arithmeticRate';

const device = await openGpuDevice();
afterAll(() => device.destroy());
afterEach(() => vi.restoreAllMocks());

/** 64 threads of 256 rounds of eight chains of vec4, multiplied and added. */
const FLOPS_PER_WORKGROUP = 64 * 256 * 8 * 4 * 2;

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
});
