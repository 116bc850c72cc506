/** The page's side of the inference worker: promises in, messages out. */
import { type AppError, CancelledError, fromWire, InternalError } from '../errors';
import type { LabelBox } from '../volume/labelBox';
import type { Volume } from '../volume/volume';
import { startBoundWorker } from './boundWorker';
import type { StoredModel } from './model/library';
import type { NamedFile } from './model/modelFiles';
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
  postMessage(request: Request): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Reply>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
}

interface Pending {
  readonly request: Request;
  readonly resolve: (value: never) => void;
  readonly reject: (error: AppError) => void;
  readonly onEvent?: (event: EventReply) => void;
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

/**
 * Owns one inference worker, started at the first call and again after a crash. Every failure arrives as an AppError
 * subclass; nothing is ever left pending.
 */
export class InferenceClient {
  private worker: WorkerLike | null = null;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;

  /** @param createWorker replaced in tests */
  constructor(private readonly createWorker: () => WorkerLike = startWorker) {}

  /**
   * Reads a NIfTI file (.nii, .nii.gz) in the worker.
   * @throws InvalidInputError when the file cannot be used
   */
  readVolume(file: Blob, name: string): Promise<Volume> {
    return this.request<Volume>({ kind: 'read', id: this.nextId++, file, name });
  }

  /**
   * Segments a scan. The caller keeps its volumes: the worker gets copies.
   * @param volumes one per channel of the model, in its order, all on one grid
   * @returns labels on the volumes' own grid, the provider that ran, and timings
   * @throws CancelledError after `signal` aborts, otherwise the AppError class that says who must act
   */
  segment(volumes: readonly Volume[], options: SegmentOptions): Promise<SegmentResult> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(new CancelledError());
    const id = this.nextId++;
    const result = this.request<SegmentResult>(
      {
        kind: 'segment',
        id,
        volumes,
        mirror: options.mirror,
        modelUrl: options.modelUrl.endsWith('/') ? options.modelUrl : `${options.modelUrl}/`,
        provider: options.provider,
        precision: options.precision ?? 'fp32',
        ortUrl: ortUrl(),
      },
      (event) => {
        if (event.kind === 'progress') options.onProgress?.(event.progress, event.provider);
        if (event.kind === 'slab') options.onSlab?.(event.box);
      },
    );
    return this.cancellable(id, result, signal);
  }

  /**
   * Checks a model folder's files (or one zip of them), tries the network on noise and keeps it in this browser.
   * @throws ModelError that says which file is wrong; CancelledError after `signal` aborts; nothing is kept then
   */
  addModel(
    files: readonly NamedFile[],
    { replace, provider, signal, onProgress }: AddModelOptions,
  ): Promise<StoredModel> {
    if (signal?.aborted) return Promise.reject(new CancelledError());
    const id = this.nextId++;
    const result = this.request<StoredModel>(
      { kind: 'add-model', id, files, replace, provider, ortUrl: ortUrl() },
      (event) => event.kind === 'adding' && onProgress?.(event.progress),
    );
    return this.cancellable(id, result, signal);
  }

  /** The models kept in this browser, and how much room there is. */
  listModels(): Promise<ModelStorage> {
    return this.request<ModelStorage>({ kind: 'list-models', id: this.nextId++ });
  }

  /** Forgets a kept model. @param modelId StoredModel.id */
  deleteModel(modelId: string): Promise<ModelStorage> {
    return this.request<ModelStorage>({ kind: 'delete-model', id: this.nextId++, modelId });
  }

  private cancellable<T>(id: number, result: Promise<T>, signal?: AbortSignal): Promise<T> {
    if (!signal) return result;
    let patience: ReturnType<typeof setTimeout> | undefined;
    const onAbort = () => {
      this.worker?.postMessage({ kind: 'cancel', id });
      patience = setTimeout(() => this.abandon(id), CANCEL_PATIENCE_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    return result.finally(() => {
      clearTimeout(patience);
      signal.removeEventListener('abort', onAbort);
    });
  }

  /** Ends the worker; open calls reject with CancelledError. The client can be used again. */
  dispose(): void {
    this.stopWorker();
    this.rejectAll(new CancelledError());
  }

  private request<T>(request: Request, onEvent?: Pending['onEvent']): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.pending.set(request.id, { request, resolve, reject, onEvent });
      try {
        this.send(request);
      } catch (cause) {
        // Structured cloning failed (out of memory, for example): the worker never saw the request.
        this.pending.delete(request.id);
        const why = cause instanceof Error ? cause.message : String(cause);
        reject(new InternalError('not-sent', `The volume could not be handed to the worker: ${why}`, { cause }));
      }
    });
  }

  private send(request: Request): void {
    if (!this.worker) {
      const worker = this.createWorker();
      worker.onmessage = ({ data }) => this.receive(data);
      worker.onerror = (event) => {
        event.preventDefault?.();
        this.crash(event.message);
      };
      worker.onmessageerror = () => this.crash('a message could not be decoded');
      this.worker = worker;
    }
    this.worker.postMessage(request);
  }

  private receive(reply: Reply): void {
    const pending = this.pending.get(reply.id);
    if (!pending) return;
    if (reply.kind === 'progress' || reply.kind === 'slab' || reply.kind === 'adding') {
      pending.onEvent?.(reply);
      return;
    }
    this.pending.delete(reply.id);
    if (reply.kind === 'failed') pending.reject(fromWire(reply.error));
    else pending.resolve(answer(reply) as never);
  }

  private crash(why: string | undefined): void {
    this.stopWorker();
    this.rejectAll(
      new InternalError(
        'worker-crashed',
        `The inference worker stopped unexpectedly${why ? ` (${why})` : ''}. It starts again with the next run; if it keeps happening, the volume may need more memory than the browser allows.`,
      ),
    );
  }

  /** Ends a worker that does not react to cancelling, and hands what else was open to a new one. */
  private abandon(id: number): void {
    const cancelled = this.pending.get(id);
    if (!cancelled) return;
    this.pending.delete(id);
    this.stopWorker();
    cancelled.reject(new CancelledError());
    for (const { request } of this.pending.values()) this.send(request);
  }

  private stopWorker(): void {
    if (!this.worker) return;
    this.worker.onmessage = this.worker.onerror = this.worker.onmessageerror = null;
    this.worker.terminate();
    this.worker = null;
  }

  private rejectAll(error: AppError): void {
    const open = [...this.pending.values()];
    this.pending.clear();
    for (const { reject } of open) reject(error);
  }
}
