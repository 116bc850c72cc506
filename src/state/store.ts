/**
 * The app's state and everything that changes it. Knows inference and volumes, not the DOM. Voxel arrays live in
 * `session`, outside the store: components re-render on small facts, and nothing ever compares or copies an array.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { asAppError } from '../core/errors';
import { isSameMessage, type Message, message } from '../core/messages';
import type { InferenceClient } from '../inference/client';
import type { ModelStorage, Progress, ProviderChoice, ProviderInfo } from '../inference/protocol';
import type { Assignment } from '../models/inputs';
import type { Manifest } from '../models/manifest';
import type { Grid } from '../volume/grid';
import type { Intensity } from '../volume/intensity';
import type { LabelMapFindings, LabelVolume, Volume } from '../volume/volume';
import { type AppEvent, INITIAL_MACHINE, isBusy, type MachineState, transition } from './appState';
import { chosenWarnings, fittingModel } from './modelChoice';
import { type Adding, createModelShelf, type ModelShelf } from './modelShelf';
import { chosenModel, type ModelEntry } from './models';
import { createQuestions, type Question, type Questions } from './questions';
import type { PartialResult, ResultSummary } from './results';
import { createScanTable, type ScanTable } from './scanTable';
import { createSegmentation, type Segmentation } from './segmentation';

/** What the page says about an open scan. */
export interface ScanSummary extends Grid {
  /** Unique in this visit: two files may have one name. */
  readonly id: number;
  readonly name: string;
  readonly intensity: Intensity;
  /** Where it seems to be a mask, and was opened as a scan all the same. */
  readonly labelMap?: Pick<LabelMapFindings, 'because'>;
}

export interface Notice {
  readonly id: number;
  readonly kind: 'error' | 'warning' | 'info';
  readonly message: Message;
}

export interface AppState extends MachineState {
  /** Name of the file being read. */
  readonly readingName: string | null;
  /** The scan that is shown: one of `scans`. */
  readonly scan: ScanSummary | null;
  /** All open scans; several only where they lie on one grid. */
  readonly scans: readonly ScanSummary[];
  /** Which of `scans` goes into which channel of the chosen model. */
  readonly assignment: Assignment;
  readonly models: readonly ModelEntry[];
  readonly modelId: string | null;
  /** Whether the user chose it in this visit, here or by the page's address; if not, a scan may choose another. */
  readonly modelAsked: boolean;
  /** What this page stores in the browser; null until known. */
  readonly storage: Pick<ModelStorage, 'usedBytes' | 'quotaBytes'> | null;
  readonly adding: Adding | null;
  readonly provider: ProviderChoice;
  /** Average over mirrored windows; null: as the model says. */
  readonly mirror: boolean | null;
  readonly progress: Progress | null;
  /** Known once a run has begun. */
  readonly runningOn: ProviderInfo | null;
  readonly result: ResultSummary | null;
  /** From a run's first finished slices to its end; `result` is what was there before. */
  readonly partial: PartialResult | null;
  /** ResultSummary.id of the last result whose mask the user has saved. */
  readonly savedResult: number | null;
  /** What the user is being asked. */
  readonly question: Question | null;
  readonly notices: readonly Notice[];
}

/** The part of InferenceClient the store uses. */
export type Inference = Pick<InferenceClient, 'readVolume' | 'segment' | 'addModel' | 'listModels' | 'deleteModel'>;

export interface Services {
  readonly inference: Inference;
  /** Absolute URL of the page. */
  readonly pageUrl: string;
  /** The value of "?model=" in the page's address. */
  readonly askedModel: string | null;
  /** The models that come with the page, and what is wrong with those that cannot be read. */
  fetchModels(): Promise<{
    readonly models: readonly { readonly address: string; readonly manifest: Manifest }[];
    readonly errors: readonly unknown[];
  }>;
  /** @param address absolute URL of a model's folder, ending in '/' */
  fetchManifest(address: string): Promise<Manifest>;
  /** MODEL_CARD.md of the same folder, Markdown; null when there is none. */
  fetchCard(address: string): Promise<string | null>;
  fetchDemo(): Promise<Blob>;
  /** Where a file's voxels lie, from its header. @throws InvalidInputError */
  readGrid(file: Blob, name: string): Promise<Grid & { readonly name: string }>;
  /** ModelEntry.id of the last choice, also of earlier visits. */
  rememberedModel(): string | null;
  rememberModel(id: string): void;
  /** Asks the browser not to clear this page's storage on its own. */
  askToKeep(): void;
}

export const DEMO_NAME = 'brain_t1.nii.gz';
const DEMO_MODEL = 'bundled:brain-mri';

/** The arrays behind `scan`, `scans`, `result` and `partial`. */
export interface Session {
  volume: Volume | null;
  volumes: readonly Volume[];
  labels: LabelVolume | null;
  partial: LabelVolume | null;
}

/** One event and what becomes known with it, in a single update. */
export type Send = (event: AppEvent, change?: Partial<AppState>) => void;

/** What the parts of the app share: the store, what they say to the user, and what they ask. */
export interface Core {
  readonly state: StoreApi<AppState>;
  readonly session: Session;
  readonly services: Services;
  readonly send: Send;
  readonly ask: Questions['ask'];
  readonly answer: Questions['answer'];
  /** For scans, results and notices: never given twice. */
  newId(): number;
  notice(kind: Notice['kind'], message: Message): Notice;
  inform(message: Message): void;
  report(error: unknown): void;
}

export interface App extends ModelShelf, Segmentation, Omit<ScanTable, 'open'>, Omit<Questions, 'ask'> {
  readonly state: StoreApi<AppState>;
  readonly session: Readonly<Session>;
  /** Opens the sample scan and segments it. */
  openDemo(): Promise<void>;
  selectProvider(provider: ProviderChoice): void;
  selectMirror(mirror: boolean): void;
  /** The mask of a result was handed to the user. */
  markSaved(resultId: number): void;
  inform(message: Message): void;
  report(error: unknown): void;
  dismiss(noticeId: number): void;
}

const INITIAL: AppState = {
  ...INITIAL_MACHINE,
  readingName: null,
  scan: null,
  scans: [],
  assignment: [],
  models: [],
  modelId: null,
  modelAsked: false,
  storage: null,
  adding: null,
  provider: 'auto',
  mirror: null,
  progress: null,
  runningOn: null,
  result: null,
  partial: null,
  savedResult: null,
  question: null,
  notices: [],
};

export function createApp(services: Services): App {
  const state = createStore<AppState>(() => INITIAL);
  const session: Session = { volume: null, volumes: [], labels: null, partial: null };
  let ids = 0;
  const newId = () => ++ids;

  const send: Send = (event, change = {}) => state.setState((now) => ({ ...transition(now, event), ...change }));

  const notice = (kind: Notice['kind'], message: Message): Notice => ({ id: newId(), kind, message });

  /** Adds a notice in place of one that says the same: twice helps nobody. */
  const add = (kind: Notice['kind'], { code, parameters = {} }: Message) =>
    state.setState(({ notices }) => ({
      notices: [
        ...notices.filter(({ message }) => !isSameMessage(message, { code, parameters })),
        notice(kind, { code, parameters }),
      ],
    }));

  const inform = (message: Message) => add('info', message);
  const report = (error: unknown) => add('error', asAppError(error));

  const shelf = createModelShelf(state, services, report);

  // What mirroring costs and is worth is the model's; the choice was made for that one.
  state.subscribe((now, before) => {
    if (now.modelId !== before.modelId && now.mirror !== null) state.setState({ mirror: null });
  });

  const { ask, answer } = createQuestions(state);
  const core: Core = { state, session, services, send, ask, answer, newId, notice, inform, report };
  const { open, ...scanTable } = createScanTable(core);
  const segmentation = createSegmentation(core);

  // A model that was used last, on another scan, is not left armed for one that it is not made for.
  // Subscribed after the scan table, whose subscriber has put the scans into the model's channels by then.
  state.subscribe(({ scans, modelId }, before) => {
    if (scans === before.scans && (modelId === before.modelId || before.modelId !== null)) return;
    const now = state.getState();
    if (now.modelAsked || isBusy(now.status)) return;
    const [worst] = chosenWarnings(now);
    const fitting = worst ? fittingModel(now, services.rememberedModel()) : null;
    if (!fitting) return;
    state.setState({ modelId: fitting.id });
    const model = chosenModel(now)?.manifest.title ?? '';
    inform(message('model-exchanged', { model, why: worst, chosen: fitting.manifest.title }));
  });

  return {
    ...shelf,
    ...scanTable,
    ...segmentation,
    state,
    session,
    answer,
    inform,
    report,
    async openDemo() {
      // The model list arrives while the scan is being read.
      const load = async () => [{ path: DEMO_NAME, file: await services.fetchDemo() }];
      const [opened] = await Promise.all([open(load, DEMO_NAME, 'replace'), shelf.loadModels()]);
      const { models } = state.getState();
      if (!opened || models.length === 0) return;
      if (models.some(({ id }) => id === DEMO_MODEL)) state.setState({ modelId: DEMO_MODEL });
      await segmentation.segment();
    },
    selectProvider: (provider) => state.setState({ provider }),
    selectMirror: (mirror) => state.setState({ mirror }),
    markSaved: (savedResult) => state.setState({ savedResult }),
    dismiss: (id) => state.setState(({ notices }) => ({ notices: notices.filter((one) => one.id !== id) })),
  };
}
