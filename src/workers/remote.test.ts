import { afterEach, describe, expect, it, vi } from 'vitest';
import { CancelledError, InternalError, InvalidInputError } from '../core/errors';
import { ChannelWorker } from '../testing/channelWorker';
import type { Call, Request } from './calls';
import { Remote } from './remote';

type Numbers = {
  readonly double: Call<number, number>;
  /** Doubles every element of the arrays; tells which one it is at. */
  readonly doubleAll: Call<null, readonly Int16Array[], number>;
  readonly hang: Call<null, void>;
  readonly wait: Call<null, void>;
  readonly fail: Call<'memory' | 'file', void>;
};

const calls: Numbers = {
  double: async (n) => 2 * n,
  async doubleAll(_, { voxels, tell, give }) {
    const doubled = voxels.map((array, i) => {
      tell(i);
      return Int16Array.from(array, (n) => 2 * n);
    });
    give(...doubled);
    return doubled;
  },
  hang: () => new Promise(() => {}),
  wait: (_, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new CancelledError()))),
  async fail(what) {
    if (what === 'file') throw new InvalidInputError('file-empty', { name: 'a.nii' });
    throw new RangeError('Array buffer allocation failed');
  },
};

let open: ChannelWorker[] = [];
afterEach(() => {
  for (const worker of open) worker.terminate();
  open = [];
  vi.useRealTimers();
});

function remote(refuse?: (request: Request) => boolean): Remote<Numbers> {
  const start = () => {
    const worker = new ChannelWorker(calls, refuse);
    open.push(worker);
    return worker;
  };
  return new Remote<Numbers>(start, {
    notSent: (why, cause) => new InternalError('not-sent', { why }, { cause }),
    notStarted: (because) => new InternalError('not-started', { because }),
    crashed: (because) => new InternalError('crashed', { because }),
  });
}

describe('Remote', () => {
  it('answers every call with its own output, in one worker', async () => {
    const numbers = remote();
    expect(open).toHaveLength(0);
    await expect(Promise.all([1, 2, 3].map((n) => numbers.call('double', n)))).resolves.toEqual([2, 4, 6]);
    expect(open).toHaveLength(1);
  });

  it('hands arrays over, small ones and large ones in pieces, and leaves the caller its own', async () => {
    const pieces: number[] = [];
    const numbers = remote((request) => {
      if (request.kind === 'piece') pieces.push(request.piece.array);
      return false;
    });
    const small = Int16Array.of(1, 2, 3);
    const large = new Int16Array(2 ** 22 + 5).map((_, i) => i % 1009);
    const told: number[] = [];
    const onEvent = (at: number) => told.push(at);
    const doubled = await numbers.call('doubleAll', null, { voxels: [small, large], onEvent });
    expect(pieces).toEqual([1, 1]);
    expect(told).toEqual([0, 1]);
    expect([...doubled[0]]).toEqual([2, 4, 6]);
    expect(doubled[1].every((n, i) => n === 2 * (i % 1009))).toBe(true);
    expect([small.length, large.length]).toEqual([3, 2 ** 22 + 5]);
  });

  it('keeps the class, code and values of an error, and says when memory ran out', async () => {
    const numbers = remote();
    const file = numbers.call('fail', 'file');
    await expect(file).rejects.toBeInstanceOf(InvalidInputError);
    await expect(file).rejects.toMatchObject({ code: 'file-empty', parameters: { name: 'a.nii' } });
    await expect(numbers.call('fail', 'memory')).rejects.toMatchObject({ code: 'out-of-memory' });
    const full = remote(({ kind }) => kind === 'call');
    const voxels = [new Uint8Array(3)];
    await expect(full.call('doubleAll', null, { voxels })).rejects.toMatchObject({ code: 'out-of-memory' });
    await expect(full.call('double', 1)).rejects.toMatchObject({ code: 'not-sent' });
  });

  it('cancels one call and leaves the others alone', async () => {
    const numbers = remote();
    const controller = new AbortController();
    const waiting = numbers.call('wait', null, { signal: controller.signal });
    const other = numbers.call('double', 4);
    controller.abort();
    await expect(waiting).rejects.toBeInstanceOf(CancelledError);
    await expect(other).resolves.toBe(8);
    await expect(numbers.call('double', 1, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(CancelledError);
    expect(open.map(({ terminated }) => terminated)).toEqual([false]);
  });

  it('ends a worker that does not react to a cancel, and gives its other calls to a new one', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const numbers = remote();
    const controller = new AbortController();
    const stuck = numbers.call('hang', null, { signal: controller.signal });
    const other = numbers.call('double', 4);
    controller.abort();
    vi.advanceTimersByTime(60_000);
    await expect(stuck).rejects.toBeInstanceOf(CancelledError);
    await expect(other).resolves.toBe(8);
    expect(open.map(({ terminated }) => terminated)).toEqual([true, false]);
  });

  it('tells a worker that cannot start from one that stopped, and leaves nothing pending', async () => {
    const numbers = remote();
    const lost = [numbers.call('hang', null), numbers.call('double', 1)];
    open[0].onerror?.({ message: 'blocked' } as ErrorEvent);
    for (const call of lost) await expect(call).rejects.toMatchObject({ code: 'not-started' });
    await expect(numbers.call('double', 2)).resolves.toBe(4);
    const later = numbers.call('hang', null);
    open[1].onmessageerror?.({} as MessageEvent);
    await expect(later).rejects.toMatchObject({
      code: 'crashed',
      parameters: { because: { parameters: { what: { code: 'message-not-decoded' } } } },
    });
    const disposed = numbers.call('hang', null);
    numbers.dispose();
    await expect(disposed).rejects.toBeInstanceOf(CancelledError);
    expect(open).toHaveLength(3);
  });
});
