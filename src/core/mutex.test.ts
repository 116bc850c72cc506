import { expect, it } from 'vitest';
import { Mutex } from './mutex';

it('runs tasks one at a time, in order', async () => {
  const mutex = new Mutex();
  const log: string[] = [];
  const task = (name: string) => async () => {
    log.push(`${name} starts`);
    await new Promise((resolve) => setTimeout(resolve, 1));
    log.push(`${name} ends`);
  };
  await Promise.all([mutex.run(task('a')), mutex.run(task('b'))]);
  expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends']);
});

it('survives a task that rejects', async () => {
  const mutex = new Mutex();
  await expect(mutex.run(() => Promise.reject(new Error('first')))).rejects.toThrow('first');
  await expect(mutex.run(async () => 2)).resolves.toBe(2);
});
