import { describe, expect, it, vi } from 'vitest';
import { releaseAfter, releaseAll } from './release';

const failing = (message: string) => vi.fn(() => Promise.reject(new Error(message)));

describe('releasing', () => {
  it('tries every step in turn and reports the first that failed', async () => {
    const order: string[] = [];
    const steps = [
      () => order.push('a'),
      failing('b'),
      () => {
        throw new Error('c');
      },
      async () => order.push('d'),
    ];
    await expect(releaseAll(steps)).rejects.toThrow('b');
    expect(order).toEqual(['a', 'd']);
  });

  it('after a failure keeps that failure', async () => {
    const first = new Error('first');
    const step = failing('second');
    expect(await releaseAfter(first, [step, step])).toBe(first);
    expect(step).toHaveBeenCalledTimes(2);
  });
});
