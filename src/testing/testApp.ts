/** The app with stand-ins for everything around it, for tests of the store. */

import { createApp, type Inference, type KeepingServices, type Services } from '../app/createApp';
import { sortDrop } from '../compute/tasks/sortDrop';
import { type Message, message } from '../core/messages';
import type { NamedGrid } from '../files/importer';
import { baseName } from '../files/namedFile';
import type { SegmentResult } from '../inference/protocol';
import type { Manifest } from '../models/manifest';
import { shownLabels } from '../state/results';
import { shownScan } from '../state/scans';
import type { Volume } from '../volume/volume';
import type { CallContext } from '../workers/calls';

/** A scan of 2 x 3 x 1 voxels of 1 x 2 x 5 mm. */
export const volume = (name: string, warnings: readonly Message[] = []): Volume => ({
  name,
  warnings,
  dimsXyz: [2, 3, 1],
  spacingXyz: [1, 2, 5],
  affine: [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 5, 0, 0, 0, 0, 1],
  data: new Int16Array(6),
});

/** A model of one channel without hints, that the page comes with. */
export const model = {
  name: 'brain-mri',
  title: 'Brain',
  version: '1',
  modality: 'MR',
  extentMm: {},
  regions: [],
  pipeline: { scheme: 'organscope-v1' },
  weights: { sha256: '5ca1ab1e' },
  channels: [{ name: 'any', hints: [] }],
  labels: [{ id: 0, name: 'background', color: [0, 0, 0] }],
} as unknown as Manifest;

/** What a run of `model` makes: two structures, of 2 and 3 voxels. */
export const segmented = (scan: Volume): SegmentResult => ({
  labels: { ...scan, data: Uint8Array.from([0, 1, 1, 2, 2, 2]) },
  sizes: new Map([
    [0, { voxels: 1, ml: 0.01 }],
    [1, { voxels: 2, ml: 0.02 }],
    [2, { voxels: 3, ml: 0.03 }],
  ]),
  provider: { provider: 'wasm', adapter: message('threads', { count: 2 }), reason: message('wasm-chosen') },
  timings: { phaseMs: {}, totalMs: 5, windows: 1, medianWindowMs: 5 },
  memory: { bytes: 6, text: message('ort-takes-more') },
  warnings: [],
});

export const file = new Blob(['x']);

const NOTHING = { bytes: 10, keptBytes: 0 };

/** A browser in which nothing is kept yet, with a network. */
export const nothingKept: KeepingServices = {
  survey: async () => ({
    app: null,
    parts: { 'compute-cpu': NOTHING, 'compute-gpu': NOTHING, samples: NOTHING },
    counts: { app: 0, files: 0, models: 0, settings: 0, measurements: 0, shared: 0 },
    usedBytes: 0,
    quotaBytes: 1000,
    isPersistent: false,
  }),
  keepPart: async () => ({ startedAgain: false }),
  removePart: async () => undefined,
  persist: async () => false,
  deleteStored: async () => [],
  deleteEverything: async () => [],
  isReachable: async () => true,
  watchConnection: () => undefined,
};

/** What workers do: networks, and reading files one by one. */
export interface Work extends Inference {
  readVolume(file: Blob, name: string): Promise<Volume>;
  readGrid(file: Blob, name: string): Promise<NamedGrid>;
}

/** @param work replaces parts of what workers do */
export function app(work: Partial<Work> = {}, services: Partial<Services> = {}) {
  const { readVolume = async (_, name) => volume(name), readGrid = async (_, name) => volume(name) } = work;
  const { readVolume: _read, readGrid: _grid, ...inference } = work;
  return createApp({
    files: {
      sortDrop: (files) => sortDrop(files, {} as CallContext),
      readGrids: (files) => Promise.all(files.map(({ file, path }) => readGrid(file, baseName(path)))),
      async readVolumes(files) {
        const volumes: Volume[] = [];
        for (const { file, path } of files) volumes.push(await readVolume(file, baseName(path)));
        return volumes;
      },
      exportFiles: () => Promise.reject(new Error('not here')),
    },
    inference: {
      segment: async ([scan]) => segmented(scan),
      addModel: () => Promise.reject(new Error('not here')),
      selfTest: () => Promise.reject(new Error('not here')),
      describeDevice: () => Promise.reject(new Error('not here')),
      measureDevice: () => Promise.reject(new Error('not here')),
      planRun: () => Promise.reject(new Error('not here')),
      listModels: async () => ({ models: [], usedBytes: null, quotaBytes: null }),
      deleteModel: async () => ({ models: [], usedBytes: null, quotaBytes: null }),
      keepModel: () => Promise.reject(new Error('not here')),
      ...inference,
    },
    installation: {
      applyUpdate: async () => true,
      reload: () => undefined,
      showInstallPrompt: async () => undefined,
    },
    pageUrl: 'http://test/',
    askedModel: null,
    fetchModels: async () => ({
      models: [{ address: 'http://test/models/brain-mri/', manifest: model }],
      errors: [],
      isRemembered: false,
    }),
    fetchManifest: async () => model,
    fetchCard: async () => null,
    fetchSample: async () => file,
    rememberedModel: () => null,
    rememberModel: () => undefined,
    onRequests: () => undefined,
    keeping: nothingKept,
    ...services,
  });
}

/** Opens files of these names. */
export const open = (a: ReturnType<typeof app>, ...names: string[]) =>
  a.openFiles(names.map((path) => ({ path, file })));

/** The scan and the label map that are shown, with the labels of the voxels, and those of masks in the making. */
export function onScreen(a: ReturnType<typeof app>) {
  const now = a.state.getState();
  const labels = shownLabels(now);
  return {
    scan: shownScan(now),
    labels,
    masks: labels && a.study.voxels.get(labels.voxels),
    growing: now.unfinished && a.study.voxels.get(now.unfinished.voxels),
  };
}

/** Marks the label map that is shown as saved. */
export function save(a: ReturnType<typeof app>): void {
  const { labels } = onScreen(a);
  if (labels) a.markSaved(labels);
}
