/** The page's side of a worker: promises in, messages out. */
import { AppError, CancelledError, fromWire, InternalError } from '../core/errors';
import { type Message, message, type Parameter, reasonOf } from '../core/messages';
import type { VoxelArray } from '../volume/grid';
import type { Calls, EventOf, InputOf, OutputOf, Reply, Request } from './calls';
import { handOver, isOutOfMemory } from './handOver';

/** The part of Worker that is used. */
export interface WorkerLike {
  postMessage(request: Request, transfer?: Transferable[]): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Reply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
}

/** What is said when a worker fails as a whole. @param because what the system said, in brackets; '' for nothing */
export interface WorkerErrors {
  notSent(why: string, cause: unknown): AppError;
  notStarted(because: Parameter): AppError;
  crashed(because: Parameter): AppError;
}

export interface CallOptions<Event> {
  /** Arrays that the call is about; the caller keeps them, and must not write to them before the answer. */
  readonly voxels?: readonly VoxelArray[];
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: Event) => void;
}

/** What a caller waits for. */
interface Open {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
  readonly voxels: readonly VoxelArray[];
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: never) => void;
  readonly resolve: (value: never) => void;
  readonly reject: (error: AppError) => void;
}

/** A cancelled call that has still not ended after this long is ended together with its worker. */
const CANCEL_PATIENCE_MS = 3000;

/** Lets the page draw and react between pieces of a large scan. */
const breathe = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/**
 * Owns one worker, started at the first call and again after a crash. Every failure arrives as an AppError subclass;
 * nothing is ever left pending. Calls run beside each other; who wants them one after another uses Turns.
 *
 * Not Comlink: it has neither cancelling nor events, an error loses its class on the way, and a call whose worker dies
 * waits for ever. What is left of it, ids and promises, is the small part of this file.
 */
export class Remote<C extends Calls> {
  private worker: WorkerLike | null = null;
  /** What the worker has been given and has not answered. */
  private readonly open = new Map<number, Open>();
  private nextId = 1;
  /** Whether this worker has said anything yet: one that has not may be one that cannot start. */
  private heard = false;

  constructor(
    private readonly createWorker: () => WorkerLike,
    private readonly errors: WorkerErrors,
  ) {}

  /**
   * @throws CancelledError where `signal` aborts before the worker has done the work: what is done already is answered, though
   *   events that come after the abort are not told; InternalError('out-of-memory') for voxels that fit neither into the
   *   worker's memory nor through a message; else the AppError of the call, or of `errors`
   */
  call<Name extends keyof C & string>(
    name: Name,
    input: InputOf<C[Name]>,
    { voxels = [], signal, onEvent }: CallOptions<EventOf<C[Name]>> = {},
  ): Promise<OutputOf<C[Name]>> {
    if (signal?.aborted) return Promise.reject(new CancelledError());
    const id = this.nextId++;
    let patience: ReturnType<typeof setTimeout> | undefined;
    let onAbort = () => {};
    const answer = new Promise<OutputOf<C[Name]>>((resolve, reject) => {
      const open: Open = { id, name, input, voxels, signal, onEvent, resolve, reject };
      onAbort = () => {
        this.worker?.postMessage({ kind: 'cancel', id });
        patience = setTimeout(() => this.abandon(open), CANCEL_PATIENCE_MS);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      void this.give(open);
    });
    return answer.finally(() => {
      clearTimeout(patience);
      signal?.removeEventListener('abort', onAbort);
    });
  }

  /** Starts the worker before there is something for it to do. What fails then fails again, and is said, at the first call. */
  start(): void {
    try {
      this.started();
    } catch {
      this.stopWorker();
    }
  }

  /** Ends the worker; open calls reject with CancelledError. Can be used again. */
  dispose(): void {
    const lost = [...this.open.values()];
    this.stopWorker();
    this.open.clear();
    for (const { reject } of lost) reject(new CancelledError());
  }

  /** Sends a call. One that cannot be sent fails alone. */
  private async give(open: Open): Promise<void> {
    this.open.set(open.id, open);
    try {
      await this.send(open);
    } catch (cause) {
      // Structured cloning failed, or the worker could not be started: it never saw the call, but may hold pieces for it.
      this.worker?.postMessage({ kind: 'cancel', id: open.id });
      if (this.open.delete(open.id)) open.reject(this.sendingError(open, cause));
    }
  }

  private async send({ id, name, input, voxels, signal }: Open): Promise<void> {
    const worker = this.started();
    const { handed, pieces } = handOver(voxels);
    for (const piece of pieces) {
      worker.postMessage({ kind: 'piece', id, piece }, [piece.data.buffer as ArrayBuffer]);
      await breathe();
      if (signal?.aborted) throw new CancelledError();
      // The worker is gone: this call has been answered, or given to the next one.
      if (this.worker !== worker) return;
    }
    worker.postMessage({ kind: 'call', id, name, input, voxels: handed });
  }

  private sendingError({ voxels }: Open, cause: unknown): AppError {
    if (cause instanceof AppError) return cause;
    if (voxels.length > 0 && isOutOfMemory(cause))
      return new InternalError('out-of-memory', { why: reasonOf(cause) }, { cause });
    return this.errors.notSent(reasonOf(cause), cause);
  }

  private started(): WorkerLike {
    if (this.worker) return this.worker;
    const worker = this.createWorker();
    worker.onmessage = ({ data }) => this.receive(data);
    worker.onerror = (event) => {
      event.preventDefault?.();
      this.crash(event.message);
    };
    worker.onmessageerror = () => this.crash(message('message-not-decoded'));
    this.worker = worker;
    this.heard = false;
    return worker;
  }

  private receive(reply: Reply): void {
    this.heard = true;
    const open = this.open.get(reply.id);
    if (!open) return;
    if (reply.kind === 'event') {
      if (!open.signal?.aborted) open.onEvent?.(reply.event as never);
      return;
    }
    this.open.delete(reply.id);
    if (reply.kind === 'failed') open.reject(fromWire(reply.error));
    else open.resolve(reply.output as never);
  }

  /** What the worker had is lost. */
  private crash(why: string | Message | undefined): void {
    const lost = [...this.open.values()];
    const because = why ? message('in-brackets', { what: why }) : '';
    const error = this.heard ? this.errors.crashed(because) : this.errors.notStarted(because);
    this.stopWorker();
    this.open.clear();
    for (const { reject } of lost) reject(error);
  }

  /**
   * Ends a worker that does not react to cancelling one of its calls, and gives the others to a new one, which begins them
   * anew: their events come again.
   */
  private abandon(open: Open): void {
    if (!this.open.delete(open.id)) return;
    this.stopWorker();
    open.reject(new CancelledError());
    for (const other of [...this.open.values()]) {
      if (!other.signal?.aborted) void this.give(other);
      else if (this.open.delete(other.id)) other.reject(new CancelledError());
    }
  }

  private stopWorker(): void {
    if (!this.worker) return;
    this.worker.onmessage = this.worker.onerror = this.worker.onmessageerror = null;
    this.worker.terminate();
    this.worker = null;
  }
}
