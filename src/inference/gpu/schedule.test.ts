import { describe, expect, it } from 'vitest';
import type { Kernel } from './recorder';
import { estimateRun, scheduleRun } from './schedule';

const kernel = (flops: number, workgroups: Kernel['workgroups'], splitAxis?: 0 | 1 | 2): Kernel => ({
  ...{ label: 'k', code: '', access: [], bytes: 0 },
  ...{ flops, workgroups, splitAxis },
});

describe('scheduling a run', () => {
  const kernels = [kernel(3, [2, 5, 7], 2), kernel(1, [4, 1, 1]), kernel(0, [1, 1, 1])];

  it('is one submit of whole dispatches while no time is known, and on a fast adapter', () => {
    for (const runMs of [null, 5]) {
      const [pieces, ...more] = scheduleRun(kernels, runMs);
      expect(more).toEqual([]);
      expect(pieces).toEqual(kernels.map(({ workgroups }, step) => ({ step, first: [0, 0, 0], workgroups })));
    }
  });

  it('cuts along the axis of a kernel so that every turn stays below 8 ms', () => {
    // 24 ms in three parts of 8, then 8 ms whole, then what takes no time.
    expect(scheduleRun(kernels, 32)).toEqual([
      [{ step: 0, first: [0, 0, 0], workgroups: [2, 5, 2] }],
      [{ step: 0, first: [0, 0, 2], workgroups: [2, 5, 2] }],
      [{ step: 0, first: [0, 0, 4], workgroups: [2, 5, 3] }],
      [
        { step: 1, first: [0, 0, 0], workgroups: [4, 1, 1] },
        { step: 2, first: [0, 0, 0], workgroups: [1, 1, 1] },
      ],
    ]);
  });

  it.each([33, 100, 1e5])('covers every workgroup exactly once, in order (%d ms)', (runMs) => {
    const pieces = scheduleRun(kernels, runMs).flat();
    let next = 0;
    for (const { first, workgroups } of pieces.filter((piece) => piece.step === 0)) {
      expect(first).toEqual([0, 0, next]);
      expect(workgroups.slice(0, 2)).toEqual([2, 5]);
      expect(workgroups[2]).toBeGreaterThan(0);
      next += workgroups[2];
    }
    expect(next).toBe(7);
    expect(pieces.filter((piece) => piece.step > 0)).toHaveLength(2);
  });
});

describe('a run that was never timed', () => {
  it('is expected to take ten times as long as its arithmetic and memory at best', () => {
    const kernels = [kernel(4e9, [1, 1, 1]), { ...kernel(0, [1, 1, 1]), bytes: 0.5e9 }];
    expect(estimateRun(kernels, 1000)).toBeCloseTo(100, 6);
    // Of an adapter that nobody has measured: rather too long than too short.
    expect(estimateRun(kernels)).toBeCloseTo(1000, 6);
    expect(scheduleRun(kernels, estimateRun(kernels)).length).toBe(2);
  });
});
