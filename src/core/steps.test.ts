import { describe, expect, it, vi } from 'vitest';
import { allAtOnce, eachInSteps, type Steps, withPauses } from './steps';

/** Counts to `pieces`, each of which keeps the processor busy for `ms`. */
function* busy(pieces: number, ms: number): Steps<number> {
  for (let piece = 0; piece < pieces; piece++) {
    for (const end = performance.now() + ms; performance.now() < end; );
    yield;
  }
  return pieces;
}

describe('steps', () => {
  it('give the same result at once, with pauses and one item after another', async () => {
    expect(allAtOnce(busy(3, 0))).toBe(3);
    await expect(withPauses(busy(3, 0), async () => undefined)).resolves.toBe(3);
    expect(allAtOnce(eachInSteps([1, 2], (pieces, index) => busy(pieces + index, 0)))).toEqual([1, 3]);
  });

  it('pause when work has gone on for a while, not after every piece', async () => {
    const pause = vi.fn(async () => undefined);
    await withPauses(busy(1000, 0), pause);
    expect(pause.mock.calls.length).toBeLessThan(10);
    await withPauses(busy(4, 50), pause);
    expect(pause.mock.calls.length).toBeGreaterThanOrEqual(4);
  });

  it('end with what a pause rejects with', async () => {
    const after = vi.fn();
    const work = function* (): Steps<void> {
      yield* busy(1, 50);
      after();
    };
    await expect(withPauses(work(), () => Promise.reject(new Error('cancelled')))).rejects.toThrow('cancelled');
    expect(after).not.toHaveBeenCalled();
  });
});
