/** What is kept for use without a network, and everything else that Organscope stores in this browser. */
import { type AppError, asAppError, CancelledError, InvalidInputError, ModelError } from '../core/errors';
import { listed, type Message, message } from '../core/messages';
import type { RuntimePart } from '../core/runtimeFile';
import type { StoredWhat } from '../core/storedPlaces';
import type { InferenceClient } from '../inference/client';
import { chosenModel, type ModelEntry } from '../models/entries';
import type { ShelfState } from './modelShelf';
import type { Part } from './part';
import type { Questions } from './questions';

/** A thing that can be kept: files of the page by what they are for, or a model of its server by ModelEntry.id. */
export type KeepId = RuntimePart | `model:${string}`;

export interface Amount {
  readonly bytes: number;
  /** Fewer than `bytes` after an interrupted download. */
  readonly keptBytes: number;
}

/** What was found in the browser. */
export interface Survey {
  /** The page itself, as the service worker keeps it; null where it does not. */
  readonly app: { readonly bytes: number } | null;
  readonly parts: Readonly<Record<RuntimePart, Amount>>;
  readonly counts: Readonly<Record<StoredWhat, number>>;
  /** Of everything this page stores, and what the browser allows it; null when it does not say. */
  readonly usedBytes: number | null;
  readonly quotaBytes: number | null;
  /** Whether the browser has promised not to clear it on its own; null when it does not say. */
  readonly isPersistent: boolean | null;
}

export interface KeepingState {
  /** null until it was looked at. */
  readonly survey: Survey | null;
  /** What is being fetched; bytes of all that was asked for. */
  readonly keeping: { readonly id: KeepId; readonly done: number; readonly total: number } | null;
  /** How the last thing went that the user asked for. */
  readonly keepingSaid: { readonly kind: 'error' | 'done'; readonly message: Message } | null;
  /** Whether the page's server is out of reach, as far as it is known. */
  readonly offline: boolean;
}

export interface KeepingPort {
  survey(): Promise<Survey>;
  keepPart(
    part: RuntimePart,
    options: { readonly onBytes: (done: number) => void; readonly signal: AbortSignal },
  ): Promise<{ readonly startedAgain: boolean }>;
  removePart(part: RuntimePart): Promise<void>;
  keepModel: InferenceClient['keepModel'];
  /** @param id ModelEntry.id */
  deleteModel(id: string): Promise<void>;
  /** Looks again at the kept models. */
  refreshModels(): Promise<void>;
  /** What is deleted without the models' worker is gone from the list too. */
  forgetModels(): void;
  /** Asks the browser not to clear this page's storage on its own. @returns its answer; null where it cannot be asked */
  persist(): Promise<boolean | null>;
  /** @returns names of what would not go */
  deleteStored(whats: readonly StoredWhat[]): Promise<readonly string[]>;
  /** Everything, and the service worker's registration: the open page goes on. */
  deleteEverything(): Promise<readonly string[]>;
  /** Whether the page's server answers just now. */
  isReachable(): Promise<boolean>;
  readonly ask: Questions['ask'];
  inform(message: Message): void;
}

export interface Keeping {
  /** Looks at everything again. Never rejects. */
  refreshKept(): Promise<void>;
  /** Fetches what is missing of these, in this order. How it goes shows in the state; never rejects. */
  keepForOffline(ids: readonly KeepId[]): Promise<void>;
  cancelKeeping(): void;
  removeKept(id: KeepId): Promise<void>;
  /** Asks the browser to promise that it clears nothing on its own; its answer is said. */
  askPersistence(): Promise<void>;
  /** One of the things that no row of `keepables` is about. */
  deleteOther(what: 'settings' | 'measurements' | 'shared'): Promise<void>;
  deleteEverything(): Promise<void>;
  /** Why the chosen model cannot run now: it is not kept and there is no network. null: nothing known against it. */
  whyNotNow(): Promise<AppError | null>;
  /** Says which models are not there without a network, and how to get them. */
  noticeMissing(): void;
  setOffline(offline: boolean): void;
}

export const INITIAL_KEEPING: KeepingState = { survey: null, keeping: null, keepingSaid: null, offline: false };

/** A row of what can be kept. */
export interface Keepable extends Amount {
  readonly id: KeepId;
  /** null: files of the page. */
  readonly model: ModelEntry | null;
}

type Models = Pick<ShelfState, 'models' | 'modelId'>;

/** Bytes of its weights that are here, of this version. */
const keptOf = ({ kept, manifest }: ModelEntry): number =>
  kept?.manifest.weights.sha256 === manifest.weights.sha256 ? kept.storedBytes : 0;

export const isWhole = ({ bytes, keptBytes }: Amount): boolean => keptBytes >= bytes;

/** Whether a model runs without a network. */
export const isModelKept = (entry: ModelEntry): boolean =>
  entry.source === 'own' || keptOf(entry) >= entry.manifest.weights.bytes;

/** Everything that can be kept, in the order of a list. */
export function keepables({ survey, models }: Pick<KeepingState, 'survey'> & Pick<Models, 'models'>): Keepable[] {
  if (!survey) return [];
  const files = (Object.keys(survey.parts) as RuntimePart[]).map((id) => ({ id, model: null, ...survey.parts[id] }));
  const rows = models
    .filter(({ source }) => source !== 'own')
    .map((model) => ({
      id: `model:${model.id}` as const,
      model,
      bytes: model.manifest.weights.bytes,
      keptBytes: keptOf(model),
    }));
  return [...files.filter(({ id }) => id !== 'samples'), ...rows, ...files.filter(({ id }) => id === 'samples')];
}

/** What works without a network now. */
export interface Readiness {
  /** What is missing before anything works: the page itself, or the code that computes. */
  readonly missing: 'app' | 'compute' | null;
  /** Titles of models. */
  readonly ready: readonly string[];
  readonly notReady: readonly string[];
}

/** The main processor's code is wanted also where there is a GPU: a run goes on there when the GPU fails. */
export function readiness({ survey, models }: Pick<KeepingState, 'survey'> & Pick<Models, 'models'>): Readiness | null {
  if (!survey) return null;
  const titles = (kept: boolean) =>
    models.filter((entry) => isModelKept(entry) === kept).map(({ manifest }) => manifest.title);
  const missing = !survey.app ? 'app' : isWhole(survey.parts['compute-cpu']) ? null : 'compute';
  return { missing, ready: titles(true), notReady: titles(false) };
}

/** Whether the chosen model needs the network before it runs, and there is none. */
export const isOutOfReach = (now: Pick<KeepingState, 'offline'> & Models): boolean => {
  const model = chosenModel(now);
  return now.offline && model !== null && !isModelKept(model);
};

export function createKeeping(state: Part<KeepingState & Models>, port: KeepingPort): Keeping {
  let controller: AbortController | null = null;

  const look = async () => {
    const survey = await port.survey().catch(() => null);
    if (survey) state.setState({ survey });
  };
  const refreshKept = async () => {
    await port.refreshModels();
    await look();
  };
  const say = (kind: 'error' | 'done', said: Message) => state.setState({ keepingSaid: { kind, message: said } });
  const sayError = (error: unknown) => {
    const { code, parameters } = asAppError(error);
    say('error', { code, parameters });
  };

  /** One after the other. @returns those of which nothing earlier could be used */
  const keepEach = async (wanted: readonly Keepable[], signal: AbortSignal): Promise<Keepable[]> => {
    const total = sumOf(wanted, ({ bytes }) => bytes);
    const fetchedAgain: Keepable[] = [];
    let before = 0;
    for (const one of wanted) {
      const onBytes = (done: number) => state.setState({ keeping: { id: one.id, done: before + done, total } });
      onBytes(one.keptBytes);
      if (one.model) {
        await keepModel(one.model, one.keptBytes, onBytes, signal);
      } else if ((await port.keepPart(one.id as RuntimePart, { onBytes, signal })).startedAgain) {
        fetchedAgain.push(one);
      }
      before += one.bytes;
    }
    return fetchedAgain;
  };

  const keepModel = async (
    model: ModelEntry,
    keptBytes: number,
    onBytes: (done: number) => void,
    signal: AbortSignal,
  ) => {
    try {
      await port.keepModel(model.address, { signal, onProgress: ({ done }) => onBytes(done) });
    } catch (error) {
      const { code } = asAppError(error);
      if (code !== 'storage-full' && code !== 'storage-incomplete') throw error;
      // Nothing of it stays where nothing was.
      if (keptBytes === 0) {
        await port.refreshModels();
        await port.deleteModel(model.id);
      }
      throw new InvalidInputError('no-room-to-keep', { what: model.manifest.title }, { cause: error });
    }
  };

  const keep = async (ids: readonly KeepId[], signal: AbortSignal): Promise<Message> => {
    await refreshKept();
    const now = state.getState();
    const wanted = keepables(now).filter((one) => ids.includes(one.id) && !isWhole(one));
    if (wanted.length === 0) return message('all-is-kept');
    requireRoom(wanted, now.survey);
    const fetchedAgain = await keepEach(wanted, signal);
    // The browser may ask the user, or decide by itself; what was kept is kept either way.
    await port.persist().catch(() => null);
    return fetchedAgain.length > 0
      ? message('kept-from-the-start', { what: listed(fetchedAgain.map(nameOf)) })
      : message('kept-now', { what: listed(wanted.map(nameOf)) });
  };

  return {
    refreshKept,
    async keepForOffline(ids) {
      if (controller) return;
      controller = new AbortController();
      state.setState({ keepingSaid: null });
      try {
        say('done', await keep(ids, controller.signal));
      } catch (error) {
        if (!(error instanceof CancelledError)) sayError(error);
      } finally {
        controller = null;
        await refreshKept();
        state.setState({ keeping: null });
      }
    },
    cancelKeeping: () => controller?.abort(),
    async removeKept(id) {
      state.setState({ keepingSaid: null });
      const row = keepables(state.getState()).find((one) => one.id === id);
      if (row?.model) await port.deleteModel(row.model.id);
      else if (row) await port.removePart(row.id as RuntimePart).catch(sayError);
      await look();
    },
    async askPersistence() {
      const answer = await port.persist().catch(() => null);
      const answers = { true: message('persistence-granted'), false: message('persistence-refused') };
      say('done', answer === null ? message('persistence-unknown') : answers[`${answer}`]);
      await look();
    },
    async deleteOther(what) {
      state.setState({ keepingSaid: null });
      const left = await port.deleteStored([what]);
      if (left.length > 0) say('error', message('not-deleted', { names: left.join(', ') }));
      await look();
    },
    async deleteEverything() {
      const own = state.getState().models.filter(({ source }) => source === 'own');
      const titles = own.map(({ manifest }) => manifest.title);
      const given = await port.ask({
        title: message('delete-everything-question'),
        text: titles.length > 0 ? message('delete-own-too', { models: listed(titles) }) : message('delete-what'),
        answers: [
          { answer: 'keep', label: message('delete-nothing') },
          { answer: 'replace', label: message('delete-everything-now') },
        ],
      });
      if (given !== 'replace') return;
      controller?.abort();
      const left = await port.deleteEverything();
      port.forgetModels();
      if (left.length > 0) say('error', message('not-deleted', { names: left.join(', ') }));
      else say('done', message('everything-deleted'));
      await look();
    },
    async whyNotNow() {
      const model = chosenModel(state.getState());
      if (!model || isModelKept(model)) return null;
      const offline = !(await port.isReachable());
      state.setState({ offline });
      if (!offline) return null;
      const kept = state.getState().models.filter(isModelKept);
      const { title } = model.manifest;
      return kept.length === 0
        ? new ModelError('not-kept-and-offline', { title })
        : new ModelError('not-kept-others-are', { title, kept: listed(kept.map(({ manifest }) => manifest.title)) });
    },
    noticeMissing() {
      const { offline, models } = state.getState();
      const missing = models.filter((entry) => !isModelKept(entry));
      if (!offline || missing.length === 0) return;
      port.inform(message('offline-without', { models: listed(missing.map(({ manifest }) => manifest.title)) }));
    },
    setOffline: (offline) => state.setState({ offline }),
  };
}

/** @throws InvalidInputError('no-room-for-all') where the browser says that it will not fit */
function requireRoom(wanted: readonly Keepable[], survey: Survey | null): void {
  const { usedBytes = null, quotaBytes = null } = survey ?? {};
  if (usedBytes === null || quotaBytes === null) return;
  const [needed, free] = [sumOf(wanted, (one) => one.bytes - one.keptBytes), Math.max(0, quotaBytes - usedBytes)];
  if (needed <= free) return;
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  throw new InvalidInputError('no-room-for-all', { needed: mb(needed), free: mb(free) });
}

const sumOf = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((sum, one) => sum + of(one), 0);

/** What files of the page are called. */
export const PART_NAMES: Readonly<Record<RuntimePart, Message>> = {
  'compute-cpu': message('part-compute-cpu'),
  'compute-gpu': message('part-compute-gpu'),
  samples: message('part-samples'),
};

const nameOf = ({ id, model }: Keepable) => model?.manifest.title ?? PART_NAMES[id as RuntimePart];
