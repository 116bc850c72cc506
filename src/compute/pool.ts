/** Workers for everything that is not a network: reading and writing files, counting, packing. */
import { InternalError } from '../core/errors';
import { Turns } from '../core/turns';
import { startBoundWorker } from '../workers/boundWorker';
import type { EventOf, InputOf, OutputOf } from '../workers/calls';
import { type CallOptions, Remote, type WorkerErrors, type WorkerLike } from '../workers/remote';
import workerScript from './computeWorker.ts?worker&url';
import type { Tasks } from './tasks';

/** Two at least, so that what takes a moment need not wait for what takes long; more than four only fill the memory. */
const LEAST_WORKERS = 2;
const MOST_WORKERS = 4;

const startWorker = (): WorkerLike =>
  startBoundWorker(new URL(workerScript, import.meta.url), { name: 'organscope compute' });

const workersHere = () =>
  Math.max(LEAST_WORKERS, Math.min(MOST_WORKERS, Math.floor((globalThis.navigator?.hardwareConcurrency ?? 1) / 2)));

const ERRORS: WorkerErrors = {
  notSent: (why, cause) => new InternalError('task-not-sent', { why }, { cause }),
  notStarted: (because) => new InternalError('compute-not-started', { because }),
  crashed: (because) => new InternalError('compute-crashed', { because }),
};

/**
 * Runs each task in a worker of its own, so that ending one that does not react to a cancel ends nothing else. A worker is
 * started when there is a task and all that were started before are busy, and kept for the next one; what finds all busy
 * waits its turn.
 */
export class ComputePool {
  private readonly turns: Turns;
  /** The one that worked last is used first: others may never have to be started. */
  private readonly idle: Remote<Tasks>[];
  private readonly all: readonly Remote<Tasks>[];

  /** @param createWorker replaced in tests */
  constructor(createWorker: () => WorkerLike = startWorker, workers = workersHere()) {
    this.turns = new Turns(workers);
    this.all = Array.from({ length: workers }, () => new Remote<Tasks>(createWorker, ERRORS));
    this.idle = [...this.all];
  }

  /**
   * @throws CancelledError where `signal` aborts before the work is done, as Remote.call; the AppError that the task fails with; InternalError('task-not-sent' |
   *   'compute-not-started' | 'compute-crashed' | 'out-of-memory'), after which the next task starts a new worker
   */
  run<Name extends keyof Tasks>(
    name: Name,
    input: InputOf<Tasks[Name]>,
    options: CallOptions<EventOf<Tasks[Name]>> = {},
  ): Promise<OutputOf<Tasks[Name]>> {
    return this.turns.take(async () => {
      const remote = this.idle.pop() as Remote<Tasks>;
      try {
        return await remote.call(name, input, options);
      } finally {
        this.idle.push(remote);
      }
    }, options.signal);
  }

  /** Starts the worker of the first task, so that the first file need not wait for it. */
  warmUp(): void {
    this.idle.at(-1)?.start();
  }

  /** Ends all workers; what was asked for rejects with CancelledError. The pool can be used again. */
  dispose(): void {
    this.turns.clear();
    for (const remote of this.all) remote.dispose();
  }
}
