import { expect, it } from 'vitest';
import { InUse } from './inUse';

/** Shared and exclusive locks of one name, as browsers have them. */
function locks() {
  let holders = 0;
  const request = async (_name: string, options: LockOptions, work: (lock: Lock | null) => unknown) => {
    if (options.mode !== 'shared' && holders > 0) return work(null);
    holders++;
    try {
      return await work({ name: _name, mode: options.mode ?? 'exclusive' });
    } finally {
      holders--;
    }
  };
  return { request } as unknown as LockManager;
}

it('works alone where no other window has anything open, its own scan aside', async () => {
  const all = locks();
  const [mine, other] = [new InUse(all), new InUse(all)];
  mine.set(true);
  let done = 0;
  const work = async () => void done++;
  expect(await mine.whileOthersAreFree(work)).toBe(true);
  other.set(true);
  expect(await mine.whileOthersAreFree(work)).toBe(false);
  other.set(false);
  await Promise.resolve();
  expect(await mine.whileOthersAreFree(work)).toBe(true);
  expect(done).toBe(2);
  // It counts again for others afterwards.
  expect(await other.whileOthersAreFree(work)).toBe(false);
});

it('keeps what is said while others are asked', async () => {
  const all = locks();
  const [mine, other] = [new InUse(all), new InUse(all)];
  await mine.whileOthersAreFree(async () => mine.set(true));
  expect(await other.whileOthersAreFree(async () => undefined)).toBe(false);
});
