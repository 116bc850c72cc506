import { expect, it } from 'vitest';
import { CancelledError } from './errors';
import { Turns } from './turns';

/** Work that ends when it is told to. */
function work(name: string, log: string[]) {
  let [finish, fail]: (() => void)[] = [];
  const run = () => {
    log.push(name);
    return new Promise<string>((resolve, reject) => {
      finish = () => resolve(name);
      fail = () => reject(new Error(name));
    });
  };
  return { run, finish: () => finish(), fail: () => fail() };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

it('begins at once where there is room, and the next in line when one ends, however it does', async () => {
  const log: string[] = [];
  const turns = new Turns(2);
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => work(name, log));
  const [one, two, three, four] = [a, b, c, d].map(({ run }) => turns.take(run));
  expect(log).toEqual(['a', 'b']);
  b.fail();
  await expect(two).rejects.toThrow('b');
  await settled();
  expect(log).toEqual(['a', 'b', 'c']);
  a.finish();
  await settled();
  expect(log).toEqual(['a', 'b', 'c', 'd']);
  c.finish();
  d.finish();
  await expect(Promise.all([one, three, four])).resolves.toEqual(['a', 'c', 'd']);
});

it('cancels what waits, and leaves what runs to itself', async () => {
  const log: string[] = [];
  const turns = new Turns(1);
  const controllers = [0, 1, 2].map(() => new AbortController());
  const works = ['a', 'b', 'c'].map((name) => work(name, log));
  const [running, waiting, last] = works.map(({ run }, i) => turns.take(run, controllers[i].signal));
  controllers[0].abort();
  controllers[1].abort();
  await expect(waiting).rejects.toBeInstanceOf(CancelledError);
  works[0].finish();
  await expect(running).resolves.toBe('a');
  await settled();
  expect(log).toEqual(['a', 'c']);
  works[2].finish();
  await expect(last).resolves.toBe('c');
  await expect(turns.take(works[1].run, AbortSignal.abort())).rejects.toBeInstanceOf(CancelledError);
  expect(log).toEqual(['a', 'c']);
});

it('goes on after work that does not even begin, and after it was cleared', async () => {
  const log: string[] = [];
  const turns = new Turns(1);
  const broken = turns.take(() => {
    throw new Error('no worker');
  });
  await expect(broken).rejects.toThrow('no worker');
  const [a, b, c] = ['a', 'b', 'c'].map((name) => work(name, log));
  const controller = new AbortController();
  const running = turns.take(a.run);
  const waiting = turns.take(b.run, controller.signal);
  turns.clear();
  await expect(waiting).rejects.toBeInstanceOf(CancelledError);
  const next = turns.take(c.run);
  controller.abort();
  a.finish();
  await running;
  await settled();
  c.finish();
  await expect(next).resolves.toBe('c');
  expect(log).toEqual(['a', 'c']);
});

it('runs work one at a time, in order, where there is one place', async () => {
  const turns = new Turns(1);
  const log: string[] = [];
  const task = (name: string) => async () => {
    log.push(`${name} starts`);
    await new Promise((resolve) => setTimeout(resolve, 1));
    log.push(`${name} ends`);
  };
  await Promise.all([turns.take(task('a')), turns.take(task('b'))]);
  expect(log).toEqual(['a starts', 'a ends', 'b starts', 'b ends']);
});

it('survives work that rejects', async () => {
  const turns = new Turns(1);
  await expect(turns.take(() => Promise.reject(new Error('first')))).rejects.toThrow('first');
  await expect(turns.take(async () => 2)).resolves.toBe(2);
});
