/** Calls, cancels, answers and crashes in any order, over workers that answer when and as they are told. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AppError, CancelledError, InternalError, toWire } from '../core/errors';
import type { Call, Reply, Request } from './calls';
import { Remote, type WorkerLike } from './remote';

type Echo = { readonly echo: Call<string, string, string> };

/** What fast-check makes sequences of; numbers choose among what there is, modulo. */
type Step =
  | { readonly kind: 'call'; readonly pieces: number }
  | { readonly kind: 'abort' | 'event' | 'done' | 'failed' | 'cancelled' | 'twice' | 'refuse'; readonly of: number }
  | { readonly kind: 'crash' | 'undecodable' | 'dispose' | 'tick' | 'wait' };

const PIECE = new Uint8Array(8 * 2 ** 20);
const PATIENCE_MS = 3000;

class ScriptedWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null;
  onerror: WorkerLike['onerror'] = null;
  onmessageerror: WorkerLike['onmessageerror'] = null;
  /** By id: what it was asked, and still holds memory for. */
  readonly asked = new Map<number, string>();
  readonly assembling = new Set<number>();
  /** How many requests it takes before it refuses one. */
  takes = Number.POSITIVE_INFINITY;
  terminated = false;
  askedAfterEnd = false;

  postMessage(request: Request): void {
    if (this.terminated) this.askedAfterEnd = true;
    if (request.kind !== 'cancel' && this.takes-- === 0) {
      this.takes = Number.POSITIVE_INFINITY;
      throw new RangeError('Array buffer allocation failed');
    }
    if (request.kind === 'piece') this.assembling.add(request.id);
    else this.assembling.delete(request.id);
    if (request.kind === 'call') this.asked.set(request.id, request.input as string);
  }

  terminate(): void {
    this.terminated = true;
  }

  say(reply: Reply): void {
    this.onmessage?.({ data: reply } as MessageEvent<Reply>);
  }
}

/** One call as its caller sees it. */
interface Caller {
  readonly name: string;
  readonly controller: AbortController;
  readonly events: string[];
  readonly outcome: Promise<string | AppError>;
  settled: boolean;
}

class Scene {
  readonly workers: ScriptedWorker[] = [];
  readonly callers: Caller[] = [];
  private readonly remote = new Remote<Echo>(
    () => {
      this.workers.push(new ScriptedWorker());
      return this.worker;
    },
    {
      notSent: () => new InternalError('not-sent'),
      notStarted: () => new InternalError('not-started'),
      crashed: () => new InternalError('crashed'),
    },
  );

  get worker(): ScriptedWorker {
    return this.workers[this.workers.length - 1];
  }

  async do(step: Step): Promise<void> {
    if (step.kind === 'call') this.call(step.pieces);
    else if (step.kind === 'tick') await vi.advanceTimersByTimeAsync(1);
    else if (step.kind === 'wait') await vi.advanceTimersByTimeAsync(PATIENCE_MS);
    else if (step.kind === 'dispose') this.remote.dispose();
    else if (step.kind === 'abort') {
      if (this.callers.length > 0) this.callers[step.of % this.callers.length].controller.abort();
    } else if (this.workers.length > 0) this.work(step);
    await vi.advanceTimersByTimeAsync(0);
  }

  private call(pieces: number): void {
    const name = `call ${this.callers.length}`;
    const controller = new AbortController();
    const events: string[] = [];
    const answer = this.remote.call('echo', name, {
      voxels: pieces === 0 ? [] : [new Uint8Array(PIECE.buffer), ...Array.from({ length: pieces }, () => LARGE)],
      signal: controller.signal,
      onEvent: (event) => {
        expect([caller.settled, controller.signal.aborted]).toEqual([false, false]);
        events.push(event);
      },
    });
    const settle = <T>(given: T): T => {
      expect(caller.settled).toBe(false);
      caller.settled = true;
      return given;
    };
    const outcome = answer.then(settle, settle);
    const caller: Caller = { name, controller, events, outcome, settled: false };
    this.callers.push(caller);
  }

  private work(step: Exclude<Step, { kind: 'call' }>): void {
    const { worker } = this;
    if (step.kind === 'crash') worker.onerror?.({ message: '' } as ErrorEvent);
    else if (step.kind === 'undecodable') worker.onmessageerror?.({} as MessageEvent);
    else if (step.kind === 'refuse') worker.takes = step.of % 3;
    else if ('of' in step) {
      // Of any worker there ever was: those that were ended may still have something to say.
      const all = this.workers.flatMap((one) => [...one.asked].map(([id, name]) => ({ one, id, name })));
      if (all.length === 0) return;
      const { one, id, name } = all[step.of % all.length];
      if (step.kind === 'event') one.say({ kind: 'event', id, event: name });
      if (step.kind === 'done' || step.kind === 'twice') one.say({ kind: 'done', id, output: name });
      if (step.kind === 'twice') one.say({ kind: 'done', id, output: 'another' });
      const error = step.kind === 'failed' ? new InternalError('own', { name }) : new CancelledError();
      if (step.kind === 'failed' || step.kind === 'cancelled') one.say({ kind: 'failed', id, error: toWire(error) });
    }
  }
}

/** Larger than what goes along with a call, so that it goes in two pieces. */
const LARGE = new Uint8Array(PIECE.length + 1);

const of = fc.nat(20);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('call' as const), pieces: fc.nat(2) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('abort' as const, 'event' as const, 'done' as const), of }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('failed' as const, 'cancelled' as const, 'twice' as const, 'refuse' as const),
      of,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'tick' as const,
        'wait' as const,
        'crash' as const,
        'undecodable' as const,
        'dispose' as const,
      ),
    }),
  },
);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('settles every call once with what is its own, and leaves nothing behind in the worker', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const scene = new Scene();
      for (const one of steps) await scene.do(one);
      const beforeEnd = scene.workers.length;
      for (const { controller } of scene.callers) controller.abort();
      await vi.advanceTimersByTimeAsync(2 * PATIENCE_MS);
      for (const { name, events, outcome, settled } of scene.callers) {
        expect([name, settled]).toEqual([name, true]);
        const given = await outcome;
        if (given instanceof AppError) {
          if (given.code === 'own') expect(given.parameters).toEqual({ name });
          else expect(['cancelled', 'crashed', 'not-started', 'not-sent', 'out-of-memory']).toContain(given.code);
        } else expect(given).toBe(name);
        expect(events.every((event) => event === name)).toBe(true);
      }
      // All calls are cancelled together: one that hangs does not have the others begun again in a new worker.
      expect(scene.workers.length).toBe(beforeEnd);
      expect(scene.workers.some(({ askedAfterEnd }) => askedAfterEnd)).toBe(false);
      if (scene.workers.length > 0 && !scene.worker.terminated) expect([...scene.worker.assembling]).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
