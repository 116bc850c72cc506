import { afterEach, expect, it, vi } from 'vitest';
import { CancelledError } from '../core/errors';
import { niftiFile } from '../files/nifti/niftiFixture';
import { ChannelWorker } from '../testing/channelWorker';
import { ComputePool } from './pool';
import { tasks } from './tasks';

let open: ChannelWorker[] = [];
afterEach(() => {
  for (const worker of open) worker.terminate();
  open = [];
  vi.useRealTimers();
});

const file = new Blob([niftiFile({ srows: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0] })]);

/** @param replaced tasks that the workers do in another way */
function pool(workers: number, replaced: Record<string, never> = {}): ComputePool {
  return new ComputePool(() => {
    const worker = new ChannelWorker({ ...tasks, ...replaced });
    open.push(worker);
    return worker;
  }, workers);
}

const read = (on: ComputePool, name: string, signal?: AbortSignal) => on.run('readVolume', { file, name }, { signal });

it('reads a file, and starts no worker before there is something to do', async () => {
  const compute = pool(3);
  expect(open).toHaveLength(0);
  const volume = await read(compute, 'a.nii');
  expect([volume.name, ...volume.data]).toEqual(['a.nii', 1, 2, 3, 4, 5, 6, 7, 8]);
  await read(compute, 'b.nii');
  expect(open).toHaveLength(1);
});

it('starts as many workers as there is work for, and lets the rest wait', async () => {
  const compute = pool(2);
  const names = ['a.nii', 'b.nii', 'c.nii', 'd.nii'];
  const volumes = await Promise.all(names.map((name) => read(compute, name)));
  expect(volumes.map(({ name }) => name)).toEqual(names);
  expect(open).toHaveLength(2);
});

it('cancels a task that does not react without ending another', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let finish = () => {};
  const readVolume = ({ name }: { name: string }) =>
    new Promise((resolve) => {
      if (name === 'slow.nii') finish = () => resolve({ name });
      if (name === 'next.nii') resolve({ name });
    });
  const compute = pool(2, { readVolume: readVolume as never });
  const controller = new AbortController();
  const stuck = read(compute, 'stuck.nii', controller.signal);
  const slow = read(compute, 'slow.nii');
  const next = read(compute, 'next.nii');
  controller.abort();
  vi.advanceTimersByTime(60_000);
  await expect(stuck).rejects.toBeInstanceOf(CancelledError);
  await expect(next).resolves.toMatchObject({ name: 'next.nii' });
  finish();
  await expect(slow).resolves.toMatchObject({ name: 'slow.nii' });
  expect(open.map(({ terminated }) => terminated).sort()).toEqual([false, false, true]);
});

it('says what failed, and goes on with a new worker after a crash', async () => {
  const compute = pool(1);
  await expect(compute.run('readVolume', { file: new Blob([]), name: 'a.nii' })).rejects.toMatchObject({
    name: 'InvalidInputError',
    code: 'file-empty',
  });
  const lost = read(compute, 'a.nii');
  open[0].onerror?.({ message: 'out of memory' } as ErrorEvent);
  await expect(lost).rejects.toMatchObject({ code: 'compute-crashed' });
  await expect(read(compute, 'b.nii')).resolves.toBeDefined();
  const last = read(compute, 'c.nii');
  const waiting = read(compute, 'd.nii');
  compute.dispose();
  await expect(last).rejects.toBeInstanceOf(CancelledError);
  await expect(waiting).rejects.toBeInstanceOf(CancelledError);
});
