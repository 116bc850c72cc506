/**
 * Everything that Organscope stores in a browser, in one table: where, and for what. Code takes the names from here, the
 * page lists and deletes by it, docs/deployment.md names each, and tests fail where something is stored elsewhere.
 */

/** What a place is for; the page lists its contents by it. */
export type StoredWhat = 'app' | 'files' | 'models' | 'settings' | 'measurements' | 'shared';

export interface StoredPlace {
  /** 'caches': every cache whose name begins with `name`. 'folder': in the private file system (OPFS). */
  readonly kind: 'localStorage' | 'cache' | 'caches' | 'folder';
  readonly name: string;
  readonly what: StoredWhat;
}

export const PLACES = {
  /** The page's own files, by the service worker. */
  shell: { kind: 'caches', name: 'organscope-precache-', what: 'app' },
  /** Files that the page fetches when it needs them: ONNX Runtime, sample scans. Whole and verified. */
  keptFiles: { kind: 'cache', name: 'organscope-kept-files', what: 'files' },
  /** What has arrived of such files, until they are whole. */
  arrivingFiles: { kind: 'cache', name: 'organscope-arriving-files', what: 'files' },
  /** Weights and records of models. */
  models: { kind: 'folder', name: 'organscope-models', what: 'models' },
  /** The same, in browsers whose private file system cannot be had. */
  modelsInCache: { kind: 'cache', name: 'organscope-models', what: 'models' },
  /** The manifests of the models that come with the page, as they were last read. */
  modelList: { kind: 'cache', name: 'organscope-model-list', what: 'models' },
  /** How fast the machine is. */
  measurements: { kind: 'cache', name: 'organscope-measurements', what: 'measurements' },
  /** Files that another program handed over, until the page has read them. */
  shared: { kind: 'cache', name: 'organscope-shared', what: 'shared' },
  /** ModelEntry.id of the model that was chosen last. */
  chosenModel: { kind: 'localStorage', name: 'organscope.model', what: 'settings' },
} as const satisfies Readonly<Record<string, StoredPlace>>;
