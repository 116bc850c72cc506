/**
 * The app's state and everything that changes it. Knows inference and volumes, not the DOM. Voxel arrays live in
 * `session`, outside the store: components re-render on small facts, and nothing ever compares or copies an array.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { AppError, CancelledError, InternalError } from '../errors';
import type { Manifest } from '../inference/model/manifest';
import type { Progress, ProviderChoice, ProviderInfo, SegmentResult, Timings } from '../inference/protocol';
import { labelVolumes } from '../volume/statistics';
import type { LabelVolume, Triple, Volume } from '../volume/volume';
import { type AppEvent, can, INITIAL_MACHINE, type MachineState, transition } from './appState';

/** What the page says about an open scan. */
export interface ScanSummary {
  readonly name: string;
  readonly dimsXyz: Triple;
  readonly spacingXyz: Triple;
}

/** What the page says about a finished segmentation. */
export interface ResultSummary {
  readonly model: Manifest;
  readonly provider: ProviderInfo;
  readonly timings: Timings;
  /** Millilitres by label id; a label that does not occur is missing. */
  readonly ml: ReadonlyMap<number, number>;
  readonly voxels: ReadonlyMap<number, number>;
}

export interface Notice {
  readonly id: number;
  readonly kind: 'error' | 'warning' | 'info';
  readonly text: string;
  /** The AppError's code, for errors. */
  readonly code?: string;
}

export interface AppState extends MachineState {
  /** Name of the file being read. */
  readonly readingName: string | null;
  readonly scan: ScanSummary | null;
  readonly models: readonly Manifest[];
  readonly modelName: string | null;
  readonly provider: ProviderChoice;
  readonly progress: Progress | null;
  /** Known once a run has begun. */
  readonly runningOn: ProviderInfo | null;
  readonly result: ResultSummary | null;
  readonly notices: readonly Notice[];
}

/** The part of InferenceClient the store uses. */
export interface Inference {
  readVolume(file: Blob, name: string): Promise<Volume>;
  segment(
    volume: Volume,
    options: {
      readonly modelUrl: string;
      readonly provider: ProviderChoice;
      readonly signal?: AbortSignal;
      readonly onProgress?: (progress: Progress, provider?: ProviderInfo) => void;
    },
  ): Promise<SegmentResult>;
}

export interface Services {
  readonly inference: Inference;
  /** All models of the page. */
  fetchModels(): Promise<Manifest[]>;
  /** Absolute URL of a model's folder, ending in '/'. */
  modelUrl(name: string): string;
  fetchDemo(): Promise<Blob>;
}

export const DEMO_NAME = 'brain_t1.nii.gz';
export const DEMO_MODEL = 'brain-mri';

export interface App {
  readonly state: StoreApi<AppState>;
  /** The arrays behind `scan` and `result`. */
  readonly session: { readonly volume: Volume | null; readonly labels: LabelVolume | null };
  /** Asked again after a success, it does nothing. */
  loadModels(): Promise<void>;
  /** @returns whether the file became the open scan */
  openFile(file: Blob, name: string): Promise<boolean>;
  /** Opens the sample scan and segments it. */
  openDemo(): Promise<void>;
  segment(): Promise<void>;
  cancel(): void;
  selectModel(name: string): void;
  selectProvider(provider: ProviderChoice): void;
  report(error: unknown): void;
  dismiss(noticeId: number): void;
}

const INITIAL: AppState = {
  ...INITIAL_MACHINE,
  readingName: null,
  scan: null,
  models: [],
  modelName: null,
  provider: 'auto',
  progress: null,
  runningOn: null,
  result: null,
  notices: [],
};

export function createApp(services: Services): App {
  const state = createStore<AppState>(() => INITIAL);
  const session: { volume: Volume | null; labels: LabelVolume | null } = { volume: null, labels: null };
  let run: AbortController | null = null;
  /** Counts files asked for; an answer that is not the latest is ignored. */
  let latestRead = 0;
  let nextNotice = 1;
  let modelsLoading: Promise<void> | null = null;

  /** One event and what becomes known with it, in a single update. */
  const send = (event: AppEvent, change: Partial<AppState> = {}) =>
    state.setState((now) => ({ ...transition(now, event), ...change }));

  const notice = (kind: Notice['kind'], text: string, code?: string): Notice => ({
    id: nextNotice++,
    kind,
    text,
    code,
  });

  const report = (error: unknown) => {
    const { message, code } = asAppError(error);
    const added = notice('error', message, code);
    // The same sentence twice helps nobody.
    state.setState(({ notices }) => ({ notices: [...notices.filter(({ text }) => text !== message), added] }));
  };

  const read = async (load: () => Promise<Blob>, name: string): Promise<boolean> => {
    const { status } = state.getState();
    if (!can(status, 'open')) {
      state.setState(({ notices }) => ({
        notices: [...notices, notice('info', 'A segmentation is running. Cancel it before opening another file.')],
      }));
      return false;
    }
    const mine = ++latestRead;
    send('open', { readingName: name, notices: withoutErrors(state.getState().notices) });
    try {
      const volume = await services.inference.readVolume(await load(), name);
      if (mine !== latestRead) return false;
      session.volume = volume;
      session.labels = null;
      send('read', {
        readingName: null,
        scan: { name: volume.name, dimsXyz: volume.dimsXyz, spacingXyz: volume.spacingXyz },
        result: null,
        progress: null,
        // Errors since the file was opened stay (the models may be missing); warnings were about the scan before.
        notices: [
          ...state.getState().notices.filter(({ kind }) => kind === 'error'),
          ...volume.warnings.map((text) => notice('warning', text)),
        ],
      });
      return true;
    } catch (error) {
      if (mine !== latestRead) return false;
      send('read-failed', { readingName: null });
      report(error);
      return false;
    }
  };

  const segment = async (): Promise<void> => {
    const { status, models, modelName, provider } = state.getState();
    const model = models.find(({ name }) => name === modelName);
    const { volume } = session;
    if (!can(status, 'segment') || !volume) return;
    if (!model) {
      report(
        new InternalError('no-model', 'No model is loaded. Reload the page; if it stays so, run "npm run setup".'),
      );
      return;
    }
    const controller = new AbortController();
    run = controller;
    send('segment', { progress: null, runningOn: null, notices: withoutErrors(state.getState().notices) });
    try {
      const {
        labels,
        provider: ranOn,
        timings,
      } = await services.inference.segment(volume, {
        modelUrl: services.modelUrl(model.name),
        provider,
        signal: controller.signal,
        onProgress: (progress, runningOn) =>
          state.setState((now) => ({ progress, runningOn: runningOn ?? now.runningOn })),
      });
      session.labels = labels;
      const sizes = labelVolumes(labels);
      send('segmented', {
        progress: null,
        result: {
          model,
          provider: ranOn,
          timings,
          ml: new Map([...sizes].map(([id, size]) => [id, size.ml])),
          voxels: new Map([...sizes].map(([id, size]) => [id, size.voxels])),
        },
      });
    } catch (error) {
      if (error instanceof CancelledError) {
        send('cancelled', { progress: null });
      } else {
        send('segment-failed', { progress: null });
        report(error);
      }
    } finally {
      run = null;
    }
  };

  const loadModels = (): Promise<void> => {
    modelsLoading ??= services.fetchModels().then(
      (models) => state.setState({ models, modelName: models[0]?.name ?? null }),
      (error) => {
        modelsLoading = null;
        report(error);
      },
    );
    return modelsLoading;
  };

  return {
    state,
    session,
    segment,
    report,
    openFile: (file, name) => read(async () => file, name),
    loadModels,
    async openDemo() {
      // The model list arrives while the scan is being read.
      const [opened] = await Promise.all([read(services.fetchDemo, DEMO_NAME), loadModels()]);
      if (!opened || state.getState().models.length === 0) return;
      if (state.getState().models.some(({ name }) => name === DEMO_MODEL)) state.setState({ modelName: DEMO_MODEL });
      await segment();
    },
    cancel() {
      if (!can(state.getState().status, 'cancel')) return;
      send('cancel');
      run?.abort();
    },
    selectModel: (modelName) => state.setState({ modelName }),
    selectProvider: (provider) => state.setState({ provider }),
    dismiss: (id) => state.setState(({ notices }) => ({ notices: notices.filter((one) => one.id !== id) })),
  };
}

const withoutErrors = (notices: readonly Notice[]) => notices.filter(({ kind }) => kind === 'warning');

const asAppError = (error: unknown): AppError =>
  error instanceof AppError
    ? error
    : new InternalError('internal', error instanceof Error ? error.message : String(error), { cause: error });
