/** The page's side of the inference worker. */
import { type AppError, InternalError, InvalidInputError } from '../core/errors';
import { Turns } from '../core/turns';
import type { NamedFile } from '../files/namedFile';
import type { StoredModel } from '../models/library';
import type { LabelBox } from '../volume/labelBox';
import type { Volume } from '../volume/volume';
import { startBoundWorker } from '../workers/boundWorker';
import { Remote, type WorkerErrors, type WorkerLike } from '../workers/remote';
import type {
  AddProgress,
  DeviceReport,
  InferenceCalls,
  KeepProgress,
  MeasureProgress,
  ModelStorage,
  Precision,
  Progress,
  ProviderChoice,
  ProviderInfo,
  RunPlan,
  SegmentResult,
  SelfTestAnswer,
  VolumeFacts,
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
  /**
   * Asks for labels of the middle of the scan before the first slab, at the cost of at most a quarter of the run's windows;
   * a run of few windows has none. Not final: slabs correct them, and they are no result.
   */
  readonly onPreview?: (box: LabelBox) => void;
}

export interface AddModelOptions {
  /** Whether a model with the same name and version may be replaced; without it, that is ModelError('model-exists'). */
  readonly replace: boolean;
  /** Where the network is tried out. */
  readonly provider: ProviderChoice;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AddProgress) => void;
}

export interface KeepModelOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: KeepProgress) => void;
}

export interface DeviceOptions {
  /** What the report's `chosen` is asked for; 'auto' if absent. */
  readonly provider?: ProviderChoice;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MeasureProgress) => void;
}

export type PlanOptions = Pick<SegmentOptions, 'modelUrl' | 'provider' | 'precision' | 'mirror'>;

export type SelfTestOptions = Pick<SegmentOptions, 'modelUrl' | 'provider' | 'precision' | 'signal'> & {
  readonly onProgress?: (progress: Progress) => void;
};

const asFolder = (modelUrl: string) => (modelUrl.endsWith('/') ? modelUrl : `${modelUrl}/`);

const startWorker = (): WorkerLike =>
  startBoundWorker(new URL(workerScript, import.meta.url), { name: 'organscope inference' });

/** Absolute URL of the folder with onnxruntime-web's own files. */
const ortUrl = () =>
  new URL(`${import.meta.env.BASE_URL}${__RUNTIME_FILES__.ort}`, globalThis.document?.baseURI ?? 'http://localhost/')
    .href;

const ERRORS: WorkerErrors = {
  notSent: (why, cause) => new InternalError('not-sent', { why }, { cause }),
  notStarted: (because) => new InternalError('worker-not-started', { because }),
  crashed: (because) => new InternalError('worker-crashed', { because }),
};

/**
 * Everything that a network is needed for. Segmenting and adding a model take turns, since both need the network's session
 * and all of the processor. Whose turn it is not yet waits here: it can be cancelled while the worker is busy, and outlives
 * a worker that is not.
 */
export class InferenceClient {
  private readonly remote: Remote<InferenceCalls>;
  private readonly turns = new Turns(1);

  /** @param createWorker replaced in tests */
  constructor(createWorker: () => WorkerLike = startWorker) {
    this.remote = new Remote(createWorker, ERRORS);
  }

  /**
   * Segments a scan. The caller keeps its volumes: the worker reads the same memory, or gets copies.
   * @param volumes one per channel of the model, in its order, all on one grid
   * @returns labels on the volumes' own grid, the provider that ran, and timings
   * @throws CancelledError after `signal` aborts, otherwise the AppError class that says who must act
   */
  async segment(volumes: readonly Volume[], options: SegmentOptions): Promise<SegmentResult> {
    const { signal, modelUrl, mirror, provider, precision = 'fp32' } = options;
    const input = {
      volumes: volumes.map(({ data, ...facts }): VolumeFacts => facts),
      mirror,
      modelUrl: asFolder(modelUrl),
      provider,
      precision,
      ...(options.onPreview && { preview: true }),
      ortUrl: ortUrl(),
    };
    const voxels = volumes.map(({ data }) => data);
    try {
      return await this.turns.take(
        () =>
          this.remote.call('segment', input, {
            voxels,
            signal,
            onEvent(event) {
              if (event.kind === 'progress') options.onProgress?.(event.progress, event.provider);
              else if (event.kind === 'slab') options.onSlab?.(event.box);
              else options.onPreview?.(event.box);
            },
          }),
        signal,
      );
    } catch (error) {
      throw (error as AppError).code === 'out-of-memory' ? tooLarge(volumes, error as AppError) : error;
    }
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
    const input = { files, replace, provider, ortUrl: ortUrl() };
    return this.turns.take(() => this.remote.call('addModel', input, { signal, onEvent: onProgress }), signal);
  }

  /**
   * Keeps a model of the server in this browser without running it, beside whatever runs. What is here already is not fetched
   * again, so an interrupted download goes on.
   * @param modelUrl absolute URL of the model's folder
   * @throws ModelError that says which file is wrong or that storage is full; UnsupportedDeviceError('no-storage');
   *   CancelledError after `signal` aborts. Pieces that have come by then stay.
   */
  keepModel(modelUrl: string, { signal, onProgress }: KeepModelOptions = {}): Promise<StoredModel> {
    return this.remote.call('keepModel', asFolder(modelUrl), { signal, onEvent: onProgress });
  }

  /**
   * What a run would take on this machine: windows, time, memory, download. Answered beside a run; loads no weights.
   * @param volumes as for `segment`; their voxels are not looked at
   * @throws ModelError where the model's description cannot be had
   */
  planRun(volumes: readonly VolumeFacts[], options: PlanOptions): Promise<RunPlan> {
    const { modelUrl, provider, precision = 'fp32', mirror } = options;
    const facts = volumes.map(({ dimsXyz, spacingXyz, affine, forms, name, warnings }): VolumeFacts => {
      return { dimsXyz, spacingXyz, affine, forms, name, warnings };
    });
    return this.remote.call('planRun', { volumes: facts, modelUrl: asFolder(modelUrl), provider, precision, mirror });
  }

  /**
   * Runs the window that a model brings with its answer, and keeps what the device says: a provider that says something else
   * is not used for the model from then on, until this says otherwise.
   * @throws as `segment`
   */
  selfTest({ modelUrl, provider, precision = 'fp32', signal, onProgress }: SelfTestOptions): Promise<SelfTestAnswer> {
    const input = { modelUrl: asFolder(modelUrl), provider, precision, ortUrl: ortUrl() };
    return this.turns.take(() => this.remote.call('selfTest', input, { signal, onEvent: onProgress }), signal);
  }

  /** This machine as it is now, and what was measured of it before; measures nothing. @param provider 'auto' if absent */
  describeDevice({ provider = 'auto' }: Pick<DeviceOptions, 'provider'> = {}): Promise<DeviceReport> {
    return this.remote.call('describeDevice', { provider, ortUrl: ortUrl() });
  }

  /**
   * Measures this machine, whatever is kept of it: about a second on hardware. What it finds is kept.
   * @throws AppError where the adapter fails; CancelledError after `signal` aborts
   */
  measureDevice({ provider = 'auto', signal, onProgress }: DeviceOptions = {}): Promise<DeviceReport> {
    const input = { provider, ortUrl: ortUrl() };
    return this.turns.take(() => this.remote.call('measureDevice', input, { signal, onEvent: onProgress }), signal);
  }

  /** The models kept in this browser, and how much room there is. */
  listModels(): Promise<ModelStorage> {
    return this.remote.call('listModels', null);
  }

  /** Forgets a kept model. @param modelId StoredModel.id */
  deleteModel(modelId: string): Promise<ModelStorage> {
    return this.remote.call('deleteModel', modelId);
  }

  /** Ends the worker; open calls reject with CancelledError. The client can be used again. */
  dispose(): void {
    this.turns.clear();
    this.remote.dispose();
  }
}

/** The error for voxels that do not fit into memory, or through a message. */
function tooLarge(volumes: readonly VolumeFacts[], cause: AppError): InvalidInputError {
  const [{ name, dimsXyz }] = volumes;
  const voxels = dimsXyz[0] * dimsXyz[1] * dimsXyz[2];
  const millions = voxels < 1e8 ? (voxels / 1e6).toFixed(1) : Math.round(voxels / 1e6);
  return new InvalidInputError(
    'volume-too-large',
    {
      name,
      size: dimsXyz.join(' x '),
      millions: String(millions),
      others: volumes.length - 1,
      why: cause.parameters.why,
    },
    { cause },
  );
}
