/** The page's side of the inference worker: promises in, messages out. */
import { AppError, CancelledError, fromWire, InternalError } from '../core/errors';
import { type Message, message, type Parameter, reasonOf } from '../core/messages';
import type { StoredModel } from '../models/library';
import type { NamedFile } from '../models/modelFiles';
import type { LabelBox } from '../volume/labelBox';
import type { Volume } from '../volume/volume';
import { startBoundWorker } from '../workers/boundWorker';
import { handOver, isOutOfMemory, tooLarge } from './handOver';
import type {
  AddProgress,
  ModelStorage,
  Precision,
  Progress,
  ProviderChoice,
  ProviderInfo,
  Reply,
  Request,
  SegmentResult,
} from './protocol';
import workerScript from './worker.ts?worker&url';

export interface SegmentOptions {
  /** Average over mirrored windows; absent: as the model says. */
  readonly mirror?: boolean;
  /** Absolute URL of the folder with model.json, ending in '/', or a kept model's storedAddress. */
  readonly modelUrl: string;
  readonly provider: ProviderChoice;
  /** 'fp32' if absent. */
  readonly precision?: Precision;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress, provider?: ProviderInfo) => void;
  /** Final labels of a part of the scan, while the rest is computed. */
  readonly onSlab?: (box: LabelBox) => void;
}

export interface AddModelOptions {
  /** Whether a model with the same name and version may be replaced; without it, that is ModelError('model-exists'). */
  readonly replace: boolean;
  /** Where the network is tried out. */
  readonly provider: ProviderChoice;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AddProgress) => void;
}

/** The part of Worker the client uses. */
export interface WorkerLike {
  postMessage(request: Request, transfer?: Transferable[]): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Reply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
}

/** What a caller waits for. */
interface Call {
  readonly id: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: AppError) => void;
  readonly onEvent?: (event: EventReply) => void;
  /** Gives the worker all that the request needs. @throws what posting throws */
  readonly send: () => void | Promise<void>;
}

/** A reply that is not the last. */
type EventReply = Extract<Reply, { kind: 'progress' | 'slab' | 'adding' }>;

/** A cancelled run that is still inside one window after this long is ended together with its worker. */
const CANCEL_PATIENCE_MS = 3000;

const startWorker = (): WorkerLike =>
  startBoundWorker(new URL(workerScript, import.meta.url), { name: 'organscope inference' });

/** Absolute URL of the folder with onnxruntime-web's own files. */
const ortUrl = () =>
  new URL(`${import.meta.env.BASE_URL}ort/`, globalThis.document?.baseURI ?? 'http://localhost/').href;

/** What the caller waits for. */
function answer(reply: Exclude<Reply, EventReply | { kind: 'failed' }>) {
  switch (reply.kind) {
    case 'volume':
      return reply.volume;
    case 'segmented':
      return reply.result;
    case 'model-added':
      return reply.model;
    case 'models':
      return reply.storage;
  }
}

/** Lets the page draw and react between pieces of a large scan. */
const breathe = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/**
 * Owns one inference worker, started at the first call and again after a crash. Every failure arrives as an AppError
 * subclass; nothing is ever left pending.
 *
 * Segmenting and adding a model take turns, since both need the network's session and all of the processor. Whose turn
 * it is not yet waits here: it can be cancelled while the worker is busy, and outlives a worker that is not.
 */
export class InferenceClient {
  private worker: WorkerLike | null = null;
  /** What the worker has been given and has not answered, the one whose turn it is among them. */
  private readonly sent = new Map<number, Call>();
  private readonly waiting: Call[] = [];
  private turn: Call | null = null;
  private nextId = 1;
  /** Whether this worker has said anything yet: one that has not may be one that cannot start. */
  private heard = false;

  /** @param createWorker replaced in tests */
  constructor(private readonly createWorker: () => WorkerLike = startWorker) {}

  /**
   * Reads a NIfTI file (.nii, .nii.gz) in the worker.
   * @throws InvalidInputError when the file cannot be used
   */
  readVolume(file: Blob, name: string): Promise<Volume> {
    return this.atOnce<Volume>((id) => ({ kind: 'read', id, file, name }));
  }

  /**
   * Segments a scan. The caller keeps its volumes: the worker reads the same memory, or gets copies.
   * @param volumes one per channel of the model, in its order, all on one grid
   * @returns labels on the volumes' own grid, the provider that ran, and timings
   * @throws CancelledError after `signal` aborts, otherwise the AppError class that says who must act
   */
  segment(volumes: readonly Volume[], options: SegmentOptions): Promise<SegmentResult> {
    const { handed, pieces } = handOver(volumes);
    return this.inTurn<SegmentResult>(options.signal, {
      send: async (id) => {
        for (const piece of pieces) {
          this.post({ kind: 'piece', id, piece }, [piece.data.buffer as ArrayBuffer]);
          await breathe();
          if (options.signal?.aborted) throw new CancelledError();
          // The worker crashed: this call has been answered.
          if (this.turn?.id !== id) return;
        }
        this.post({
          kind: 'segment',
          id,
          volumes: handed,
          mirror: options.mirror,
          modelUrl: options.modelUrl.endsWith('/') ? options.modelUrl : `${options.modelUrl}/`,
          provider: options.provider,
          precision: options.precision ?? 'fp32',
          ortUrl: ortUrl(),
        });
      },
      onEvent(event) {
        if (event.kind === 'progress') options.onProgress?.(event.progress, event.provider);
        if (event.kind === 'slab') options.onSlab?.(event.box);
      },
      notSent: (cause) => (isOutOfMemory(cause) ? tooLarge(volumes, cause) : null),
    });
  }

  /**
   * Checks a model folder's files (or one zip of them), tries the network on noise and keeps it in this browser.
   * @throws ModelError that says which file is wrong; CancelledError after `signal` aborts; nothing is kept then
   */
  addModel(
    files: readonly NamedFile[],
    { replace, provider, signal, onProgress }: AddModelOptions,
  ): Promise<StoredModel> {
    onProgress?.({ step: 'wait', done: 0, total: 0 });
    return this.inTurn<StoredModel>(signal, {
      send: (id) => this.post({ kind: 'add-model', id, files, replace, provider, ortUrl: ortUrl() }),
      onEvent: (event) => event.kind === 'adding' && onProgress?.(event.progress),
    });
  }

  /** The models kept in this browser, and how much room there is. */
  listModels(): Promise<ModelStorage> {
    return this.atOnce<ModelStorage>((id) => ({ kind: 'list-models', id }));
  }

  /** Forgets a kept model. @param modelId StoredModel.id */
  deleteModel(modelId: string): Promise<ModelStorage> {
    return this.atOnce<ModelStorage>((id) => ({ kind: 'delete-model', id, modelId }));
  }

  /** Ends the worker; open calls reject with CancelledError. The client can be used again. */
  dispose(): void {
    const open = [...this.sent.values(), ...this.waiting.splice(0)];
    this.stopWorker();
    this.sent.clear();
    this.turn = null;
    for (const { reject } of open) reject(new CancelledError());
  }

  /** A request that the worker answers beside whatever else it does. */
  private atOnce<T>(request: (id: number) => Request): Promise<T> {
    const id = this.nextId++;
    return new Promise<T>((resolve, reject) => {
      void this.give({ id, resolve, reject, send: () => this.post(request(id)) });
    });
  }

  /**
   * A request that waits for those before it, and can be cancelled.
   * @param work.notSent the error for a request that could not be sent; null for an InternalError
   */
  private inTurn<T>(
    signal: AbortSignal | undefined,
    work: {
      readonly send: (id: number) => void | Promise<void>;
      readonly onEvent: NonNullable<Call['onEvent']>;
      readonly notSent?: (cause: unknown) => AppError | null;
    },
  ): Promise<T> {
    if (signal?.aborted) return Promise.reject(new CancelledError());
    const id = this.nextId++;
    let patience: ReturnType<typeof setTimeout> | undefined;
    let onAbort = () => {};
    const result = new Promise<T>((resolve, reject) => {
      const call: Call = {
        id,
        resolve,
        reject,
        onEvent: (event) => !signal?.aborted && work.onEvent(event),
        send: async () => {
          try {
            await work.send(id);
          } catch (cause) {
            throw work.notSent?.(cause) ?? cause;
          }
        },
      };
      onAbort = () => {
        const place = this.waiting.indexOf(call);
        if (place >= 0) {
          this.waiting.splice(place, 1);
          reject(new CancelledError());
        } else if (this.turn === call) {
          this.worker?.postMessage({ kind: 'cancel', id });
          patience = setTimeout(() => this.abandon(call), CANCEL_PATIENCE_MS);
        }
      };
      this.waiting.push(call);
      this.startNext();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    return result.finally(() => {
      clearTimeout(patience);
      signal?.removeEventListener('abort', onAbort);
    });
  }

  private startNext(): void {
    if (this.turn) return;
    this.turn = this.waiting.shift() ?? null;
    if (this.turn) void this.give(this.turn);
  }

  /** Sends a request. One that cannot be sent fails alone. */
  private async give(call: Call): Promise<void> {
    this.sent.set(call.id, call);
    try {
      await call.send();
    } catch (cause) {
      // Structured cloning failed, or the worker could not be started: it never saw the request.
      if (!this.close(call)) return;
      call.reject(
        cause instanceof AppError ? cause : new InternalError('not-sent', { why: reasonOf(cause) }, { cause }),
      );
      this.startNext();
    }
  }

  private post(request: Request, transfer: Transferable[] = []): void {
    if (!this.worker) {
      const worker = this.createWorker();
      worker.onmessage = ({ data }) => this.receive(data);
      worker.onerror = (event) => {
        event.preventDefault?.();
        this.crash(event.message);
      };
      worker.onmessageerror = () => this.crash(message('message-not-decoded'));
      this.worker = worker;
      this.heard = false;
    }
    this.worker.postMessage(request, transfer);
  }

  /** Ends the wait for an answer. @returns whether there was one */
  private close(call: Call): boolean {
    if (this.turn === call) this.turn = null;
    return this.sent.delete(call.id);
  }

  private receive(reply: Reply): void {
    this.heard = true;
    const call = this.sent.get(reply.id);
    if (!call) return;
    if (reply.kind === 'progress' || reply.kind === 'slab' || reply.kind === 'adding') {
      call.onEvent?.(reply);
      return;
    }
    this.close(call);
    if (reply.kind === 'failed') call.reject(fromWire(reply.error));
    else call.resolve(answer(reply) as never);
    this.startNext();
  }

  /** What the worker had is lost; what waits for its turn is not. */
  private crash(why: string | Message | undefined): void {
    const lost = [...this.sent.values()];
    const because: Parameter = why ? message('in-brackets', { what: why }) : '';
    const error = this.heard
      ? new InternalError('worker-crashed', { because })
      : new InternalError('worker-not-started', { because });
    this.stopWorker();
    for (const call of lost) this.close(call);
    for (const { reject } of lost) reject(error);
    this.startNext();
  }

  /** Ends a worker that does not react to cancelling its run, and gives what else it had to a new one. */
  private abandon(call: Call): void {
    if (!this.close(call)) return;
    this.stopWorker();
    call.reject(new CancelledError());
    for (const other of this.sent.values()) void this.give(other);
    this.startNext();
  }

  private stopWorker(): void {
    if (!this.worker) return;
    this.worker.onmessage = this.worker.onerror = this.worker.onmessageerror = null;
    this.worker.terminate();
    this.worker = null;
  }
}
