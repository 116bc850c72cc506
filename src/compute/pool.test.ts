import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { CancelledError, InvalidInputError } from '../core/errors';
import type { NamedFile } from '../files/namedFile';
import { ChannelWorker } from '../testing/channelWorker';
import { niftiFile } from '../testing/niftiFixture';
import type { Volume } from '../volume/volume';
import type { Call } from '../workers/calls';
import { fileWorkOf } from './fileWork';
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

const read = async (on: ComputePool, path: string, signal?: AbortSignal): Promise<Volume> => {
  const [volume] = await fileWorkOf(on).readVolumes([{ path, file }], signal);
  return volume;
};

it('reads a file, and starts no worker before there is something to do', async () => {
  const compute = pool(3);
  expect(open).toHaveLength(0);
  const volume = await read(compute, 'a.nii');
  expect([volume.name, ...volume.data]).toEqual(['a.nii', 1, 2, 3, 4, 5, 6, 7, 8]);
  await read(compute, 'b.nii');
  expect(open).toHaveLength(1);
});

it('starts the worker of the first task ahead of it, and no other', async () => {
  const compute = pool(2);
  compute.warmUp();
  expect(open).toHaveLength(1);
  await read(compute, 'a.nii');
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
  const readVolumes: Call<readonly NamedFile[], void, object> = ([{ path: name }], { tell }) =>
    new Promise((resolve) => {
      const end = () => {
        tell({ name });
        resolve();
      };
      if (name === 'slow.nii') finish = end;
      if (name === 'next.nii') end();
    });
  const compute = pool(2, { readVolumes: readVolumes as never });
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

it('has a worker do one task at a time and answers each with its own, whatever is cancelled, fails or crashes', async () => {
  const tick = () => new Promise((resolve) => setTimeout(resolve, 0));
  const task = fc.record({ ticks: fc.nat(3), ends: fc.constantFrom('well', 'badly', 'cancelled', 'crash') });
  await fc.assert(
    fc.asyncProperty(
      fc.array(task, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 3 }),
      async (all, most) => {
        const started: ChannelWorker[] = [];
        const crashing = new Map<string, () => void>();
        let tooMany = false;
        const compute = new ComputePool(() => {
          let busy = 0;
          const readVolumes: Call<readonly NamedFile[], void, object> = async ([{ path }], { tell, signal }) => {
            tooMany ||= ++busy > 1;
            const { ticks, ends } = all[Number(path)];
            try {
              if (ends === 'crash') crashing.get(path)?.();
              for (let at = 0; at < ticks; at++) await tick();
              if (signal.aborted) throw new CancelledError();
              if (ends === 'badly') throw new InvalidInputError('file-empty', { name: path });
              tell({ name: path });
            } finally {
              busy--;
            }
          };
          const worker = new ChannelWorker({ ...tasks, readVolumes } as never);
          started.push(worker);
          open.push(worker);
          return worker;
        }, most);
        const outcomes = all.map(async ({ ticks, ends }, at) => {
          const controller = new AbortController();
          crashing.set(String(at), () => started.at(-1)?.onerror?.({ message: '' } as ErrorEvent));
          const answer = read(compute, String(at), controller.signal).then(
            (volume) => volume.name,
            (error) => error.code,
          );
          for (let waited = 0; ends === 'cancelled' && waited < ticks; waited++) await tick();
          if (ends === 'cancelled') controller.abort();
          return answer;
        });
        for (const [at, outcome] of (await Promise.all(outcomes)).entries()) {
          const lost = ['compute-crashed', 'compute-not-started'];
          const own = { well: [], badly: ['file-empty'], cancelled: ['cancelled'], crash: [] }[all[at].ends] ?? [];
          expect([String(at), ...lost, ...own]).toContain(outcome);
        }
        expect(tooMany).toBe(false);
        expect(started.filter(({ terminated }) => !terminated).length).toBeLessThanOrEqual(most);
        await expect(read(compute, '0').catch(({ code }) => code)).resolves.toBeDefined();
        compute.dispose();
        expect(started.every(({ terminated }) => terminated)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

it('says what failed, and goes on with a new worker after a crash', async () => {
  const compute = pool(1);
  await expect(compute.run('readVolumes', [{ file: new Blob([]), path: 'a.nii' }])).rejects.toMatchObject({
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

it("does all of the page's work on files and labels, and leaves the page its voxels", async () => {
  const work = fileWorkOf(pool(2));
  const [volume] = await work.readVolumes([{ path: 'study/a.nii', file }]);
  const labels = { ...volume, data: Uint8Array.from([0, 1, 1, 0, 2, 2, 2, 0]) };
  expect([...(await work.countLabels(labels))].map(([id, { voxels }]) => [id, voxels])).toEqual([
    [0, 3],
    [1, 2],
    [2, 3],
  ]);
  const [{ dimsXyz }] = await work.readGrids([{ path: 'a.nii', file }]);
  expect(dimsXyz).toEqual([2, 2, 2]);
  const definitions = ['background', 'liver', 'spleen'].map((name, id) => ({ id, name, color: [id, 2, 3] as const }));
  const selection = {
    scanName: 'a.nii',
    madeBy: 'test',
    scans: ['a.nii'],
    by: 'test 1',
    labels: definitions,
    regions: [],
    sizes: new Map([[1, { voxels: 2, ml: 0.024 }]]),
    volume: labels,
  };
  const [mask] = await work.exportFiles('nifti-mask', selection);
  const [table] = await work.exportFiles('volumes-csv', { ...selection, volume: null });
  expect([mask.name, table.name]).toEqual(['a_test.nii.gz', 'a_test_volumes.csv']);
  const [back] = await work.readVolumes([{ path: mask.name, file: mask.blob }]);
  expect([...back.data]).toEqual([...labels.data]);
  expect(back.labelMap?.names).toEqual(definitions);
  expect(await table.blob.text()).toBe(
    'label_id,name,voxels,volume_ml,scan,model\r\n1,liver,2,0.0240,a.nii,test 1\r\n2,spleen,0,0.0000,a.nii,test 1\r\n',
  );
});
