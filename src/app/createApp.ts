/** Puts the slices of the page's state together: one store, and for each slice the part of it and the port that it needs. */
import { createStore } from 'zustand/vanilla';
import type { FileWork } from '../compute/fileWork';
import type { InferenceClient } from '../inference/client';
import type { App, AppState } from '../state/app';
import { createDemo, INITIAL_DEMO } from '../state/demo';
import { createDevice, INITIAL_DEVICE } from '../state/device';
import { createInstallation, INITIAL_INSTALLATION, type InstallationPort } from '../state/installation';
import { createKeeping, INITIAL_KEEPING, type KeepingPort } from '../state/keeping';
import { createModelChoice } from '../state/modelChoice';
import { createModelShelf, INITIAL_SHELF, type ShelfPort } from '../state/modelShelf';
import { createNotices, INITIAL_NOTICES } from '../state/notices';
import { createOpening, INITIAL_OPENING } from '../state/opening';
import type { Send } from '../state/part';
import { createQuestions, INITIAL_QUESTIONS } from '../state/questions';
import { createRequests, INITIAL_REQUESTS, type RequestsPort } from '../state/requests';
import { INITIAL_RESULTS } from '../state/results';
import { createRunSettings, INITIAL_RUN_SETTINGS } from '../state/runSettings';
import { createRuns, INITIAL_RUN } from '../state/runs';
import { createScans, INITIAL_SCANS } from '../state/scans';
import { INITIAL_STATUS, transition } from '../state/status';
import { Study } from '../study/study';

/** The part of InferenceClient that the page uses. */
export type Inference = Pick<
  InferenceClient,
  | 'segment'
  | 'addModel'
  | 'keepModel'
  | 'selfTest'
  | 'listModels'
  | 'deleteModel'
  | 'describeDevice'
  | 'measureDevice'
  | 'planRun'
>;

/** What the browser keeps, but for models, and whether there is a network. */
export type KeepingServices = Pick<
  KeepingPort,
  'survey' | 'keepPart' | 'removePart' | 'persist' | 'deleteStored' | 'deleteEverything' | 'isReachable'
> & {
  /** @param listener whether there is no network, whenever that changes */
  watchConnection(listener: (offline: boolean) => void): void;
};

/** Everything around the page's state: networks, files beside the page, the browser's memory. */
export interface Services
  extends Omit<ShelfPort, 'library' | 'report' | 'askToKeep'>,
    Pick<RequestsPort, 'onRequests'> {
  readonly inference: Inference;
  readonly files: Pick<FileWork, 'sortDrop' | 'readGrids' | 'readVolumes' | 'exportFiles'>;
  /** A scan that comes with the page. @param file its name */
  fetchSample(file: string): Promise<Blob>;
  readonly installation: Pick<InstallationPort, 'applyUpdate' | 'reload' | 'showInstallPrompt'>;
  readonly keeping: KeepingServices;
}

const SAMPLE = 'brain_t1.nii.gz';
const SAMPLE_MODEL = 'bundled:brain-mri';

const INITIAL: AppState = {
  ...INITIAL_STATUS,
  ...INITIAL_OPENING,
  ...INITIAL_SCANS,
  ...INITIAL_SHELF,
  ...INITIAL_KEEPING,
  ...INITIAL_RUN_SETTINGS,
  ...INITIAL_RUN,
  ...INITIAL_RESULTS,
  ...INITIAL_QUESTIONS,
  ...INITIAL_INSTALLATION,
  ...INITIAL_NOTICES,
  ...INITIAL_REQUESTS,
  ...INITIAL_DEMO,
  ...INITIAL_DEVICE,
};

export function createApp(services: Services): App {
  const { inference } = services;
  const state = createStore<AppState>(() => INITIAL);
  const study = new Study();

  const nothing = () => ({});
  /** What changes together with the study, in one update. */
  let along: (now: AppState) => Partial<AppState> = nothing;
  study.subscribe(({ now }) => {
    const change = along;
    along = nothing;
    state.setState((before) => ({ ...change(before), study: now }));
  });
  const send: Send<AppState> = (event, change = {}, command) => {
    const next = (now: AppState) => ({ ...transition(now, event), ...change });
    if (!command) return state.setState(next);
    along = next;
    study.apply(command);
    // Nothing offers to undo it yet, and what that would bring back may be large.
    study.forgetHistory();
  };

  const notices = createNotices(state);
  createRequests(state, { ...notices, onRequests: services.onRequests });
  const questions = createQuestions(state);
  const { forgetModels, ...shelf } = createModelShelf(state, {
    ...services,
    library: inference,
    report: notices.report,
    async fetchModels() {
      const answer = await services.fetchModels();
      if (answer.isRemembered) setOffline(true);
      return answer;
    },
    askToKeep: () => void services.keeping.persist().catch(() => null),
  });
  const { whyNotNow, noticeMissing, setOffline, ...keeping } = createKeeping(state, {
    ...services.keeping,
    keepModel: (modelUrl, options) => inference.keepModel(modelUrl, options),
    deleteModel: shelf.deleteModel,
    refreshModels: shelf.refreshStorage,
    forgetModels,
    ask: questions.ask,
    inform: notices.inform,
  });
  const loadModels = async () => {
    await shelf.loadModels();
    noticeMissing();
  };
  services.keeping.watchConnection((offline) => {
    setOffline(offline);
    // The list may be of an earlier visit.
    if (!offline) void shelf.loadModels();
  });
  const runSettings = createRunSettings(state);
  const scans = createScans(state);
  const { openFiles, open } = createOpening(state, {
    ...notices,
    ...questions,
    ...services.files,
    voxels: study.voxels,
    send,
  });
  const runs = createRuns(state, {
    segment: (volumes, options) => inference.segment(volumes, options),
    ask: questions.ask,
    whyNotNow,
    report: notices.report,
    voxels: study.voxels,
    send,
  });
  const openSample = (file: string) =>
    open(async () => [{ path: file, file: await services.fetchSample(file) }], file, 'replace');
  const markSaved: App['markSaved'] = ({ id, revision }) => study.noteSaved(id, revision);
  const demo = createDemo(state, {
    openSample,
    loadModels: shelf.loadModels,
    segment: () => runs.segment({ preview: true }),
    cancel: runs.cancel,
    // All that it needs the next time, when there may be no network.
    async keepModel(address) {
      await inference.keepModel(address);
      const options = { onBytes: () => undefined, signal: new AbortController().signal };
      for (const part of ['compute-cpu', 'samples'] as const) await services.keeping.keepPart(part, options);
    },
    tryModel: (modelUrl) => inference.selfTest({ modelUrl, provider: state.getState().provider }),
    noteSaved: markSaved,
    send,
    now: Date.now,
  });
  const installation = createInstallation(state, {
    applyUpdate: () => services.installation.applyUpdate(),
    reload: () => services.installation.reload(),
    showInstallPrompt: () => services.installation.showInstallPrompt(),
    ...notices,
  });
  const device = createDevice(state, inference);
  createModelChoice(state, { rememberedModel: services.rememberedModel, inform: notices.inform });

  return {
    files: services.files,
    ...shelf,
    loadModels,
    ...keeping,
    ...runSettings,
    ...scans,
    ...runs,
    ...demo,
    ...device,
    ...installation,
    openFiles,
    answer: questions.answer,
    inform: notices.inform,
    report: notices.report,
    dismiss: notices.dismiss,
    state,
    study,
    async openDemo() {
      // The model list arrives while the scan is being read.
      const [opened] = await Promise.all([openSample(SAMPLE), shelf.loadModels()]);
      const { models } = state.getState();
      if (!opened || models.length === 0) return;
      if (models.some(({ id }) => id === SAMPLE_MODEL)) state.setState({ modelId: SAMPLE_MODEL });
      await runs.segment();
    },
    markSaved,
  };
}
