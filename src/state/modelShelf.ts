/** Listing, choosing, adding and deleting models. */
import { asAppError, CancelledError, ModelError } from '../core/errors';
import { type Message, message } from '../core/messages';
import type { NamedFile } from '../files/namedFile';
import type { InferenceClient } from '../inference/client';
import type { AddProgress, ModelStorage } from '../inference/protocol';
import { askedModelUrl } from '../models/askedModel';
import { type ModelEntry, ownEntry, serverEntry } from '../models/entries';
import type { Manifest } from '../models/manifest';
import type { Part } from './part';
import type { RunSettingsState } from './runSettings';

/** A model being added, from the first file read until the user has seen the outcome. */
export type Adding =
  | { readonly phase: 'working'; readonly progress: AddProgress | null; readonly stopping: boolean }
  /** It would replace one: the message asks. */
  | { readonly phase: 'asking' | 'failed' | 'added'; readonly message: Message };

export interface ShelfState {
  readonly models: readonly ModelEntry[];
  readonly modelId: string | null;
  /** Whether the user chose it in this visit, here or by the page's address; if not, a scan may choose another. */
  readonly modelAsked: boolean;
  readonly adding: Adding | null;
}

/** The models on the page's server, those in this browser, and what the browser remembers. */
export interface ShelfPort {
  /** Absolute URL of the page. */
  readonly pageUrl: string;
  /** The value of "?model=" in the page's address. */
  readonly askedModel: string | null;
  /** The models that come with the page, and what is wrong with those that cannot be read. */
  fetchModels(): Promise<{
    readonly models: readonly { readonly address: string; readonly manifest: Manifest }[];
    readonly errors: readonly unknown[];
    /** The server did not answer: these are the models of an earlier visit. */
    readonly isRemembered: boolean;
  }>;
  /** @param address absolute URL of a model's folder, ending in '/' */
  fetchManifest(address: string): Promise<Manifest>;
  /** MODEL_CARD.md of the same folder, Markdown; null when there is none. */
  fetchCard(address: string): Promise<string | null>;
  /** ModelEntry.id of the last choice, also of earlier visits. */
  rememberedModel(): string | null;
  rememberModel(id: string): void;
  /** Asks the browser not to clear this page's storage on its own. */
  askToKeep(): void;
  readonly library: Pick<InferenceClient, 'addModel' | 'listModels' | 'deleteModel'>;
  /** Shows what is wrong with models that nobody is adding just now. */
  report(error: unknown): void;
}

export interface ModelShelf {
  /** Asked again after a success, it does nothing. */
  loadModels(): Promise<void>;
  /** Looks again at what the browser keeps; a download may have come in since. */
  refreshStorage(): Promise<void>;
  selectModel(id: string): void;
  /** Checks, keeps and chooses a model; asks first when it would replace one. All of it shows in the state `adding`. */
  addModel(files: readonly NamedFile[]): Promise<void>;
  /** The answer to phase 'asking'. */
  answerReplacing(replace: boolean): Promise<void>;
  cancelAdding(): void;
  /** The outcome was seen. */
  dismissAdding(): void;
  /** A model's card, Markdown; null when it has none that can be read. Never rejects. */
  readCard(id: string): Promise<string | null>;
  /** Takes a model's files out of this browser; a model of the server stays in the list. */
  deleteModel(id: string): Promise<void>;
  /** Everything that the browser kept of models was deleted elsewhere. */
  forgetModels(): void;
}

export const INITIAL_SHELF: ShelfState = { models: [], modelId: null, modelAsked: false, adding: null };

export function createModelShelf(
  state: Part<ShelfState & Pick<RunSettingsState, 'provider'>>,
  port: ShelfPort,
): ModelShelf {
  const { library, report } = port;
  let loading: Promise<void> | null = null;
  let adding: AbortController | null = null;
  let onStop = () => {};
  /** Files whose model is here already, until the user has answered. */
  let waiting: readonly NamedFile[] = [];

  /** What the browser keeps, beside what the server has. */
  const show = ({ models: kept }: Pick<ModelStorage, 'models'>) => {
    const server = state.getState().models.filter(({ source }) => source !== 'own');
    const own = kept.filter(({ origin }) => origin === 'own').map(ownEntry);
    state.setState({
      models: [
        ...server.map((entry) => ({ ...entry, kept: kept.find(({ id }) => id === entry.address) ?? null })),
        ...own,
      ],
    });
  };

  /** As `show`, after something was deleted: where that was the chosen one, another is. */
  const showRest = (storage: Pick<ModelStorage, 'models'>) => {
    show(storage);
    const { models, modelId } = state.getState();
    if (!models.some(({ id }) => id === modelId)) state.setState({ modelId: models[0]?.id ?? null, modelAsked: false });
  };

  /** The user's choice, which no scan changes. */
  const choose = (id: string | null) => {
    state.setState({ modelId: id, modelAsked: id !== null });
    if (id) port.rememberModel(id);
  };

  const fromServer = async () => {
    const { models, errors, isRemembered } = await port.fetchModels();
    for (const error of errors) report(error);
    return { entries: models.map(({ address, manifest }) => serverEntry('bundled', address, manifest)), isRemembered };
  };

  /** @param bundled the address may name one of these, which need not be asked for again */
  const fromAddress = async (
    bundled: Promise<{ entries: readonly ModelEntry[] } | null>,
  ): Promise<ModelEntry | null> => {
    if (port.askedModel === null) return null;
    const address = askedModelUrl(port.askedModel, port.pageUrl);
    const same = (await bundled)?.entries.find((entry) => entry.address === address);
    if (same) return same;
    return serverEntry('address', address, await port.fetchManifest(address));
  };

  const load = async () => {
    const silent = (error: unknown) => {
      report(error);
      return null;
    };
    const listing = fromServer().catch(silent);
    const [bundled, asked, storage] = await Promise.all([
      listing,
      fromAddress(listing).catch(silent),
      library.listModels().catch(silent),
    ]);
    // The address may name one of the bundled models.
    const known = bundled?.entries ?? [];
    const same = known.find(({ address }) => address === asked?.address);
    const server = [...known, ...(asked && !same ? [asked] : [])];
    // Own models that were added meanwhile stay.
    state.setState(({ models }) => ({ models: [...server, ...models.filter(({ source }) => source === 'own')] }));
    if (storage) show(storage);
    const { models, modelId } = state.getState();
    const remembered = models.find(({ id }) => id === port.rememberedModel());
    const wanted = same ?? asked ?? models.find(({ id }) => id === modelId) ?? remembered ?? models[0];
    state.setState((now) => ({
      modelId: wanted?.id ?? null,
      modelAsked: (now.modelAsked && wanted?.id === modelId) || (same ?? asked) !== null,
    }));
    // Asked again, a page that its server did not answer looks for them again.
    if (!bundled || bundled.isRemembered) loading = null;
  };

  const add = async (files: readonly NamedFile[], replace: boolean): Promise<void> => {
    const controller = new AbortController();
    adding = controller;
    const working = (change: { progress?: AddProgress; stopping?: boolean }) =>
      state.setState(({ adding: now }) => (now?.phase === 'working' ? { adding: { ...now, ...change } } : {}));
    onStop = () => working({ stopping: true });
    state.setState({ adding: { phase: 'working', progress: null, stopping: false } });
    try {
      const kept = await library.addModel(files, {
        replace,
        provider: state.getState().provider,
        signal: controller.signal,
        onProgress: (progress) => working({ progress }),
      });
      port.askToKeep();
      show(await library.listModels());
      choose(ownEntry(kept).id);
      const added = message('model-added', { model: kept.manifest.title });
      state.setState({ adding: { phase: 'added', message: added } });
    } catch (error) {
      state.setState({ adding: outcome(error) });
      if (error instanceof ModelError && error.code === 'model-exists') waiting = files;
    } finally {
      adding = null;
    }
  };

  return {
    loadModels() {
      loading ??= load();
      return loading;
    },
    async refreshStorage() {
      // Only numbers in a list depend on it: without an answer the old ones stay.
      const storage = await library.listModels().catch(() => null);
      if (storage) show(storage);
    },
    selectModel: choose,
    async addModel(files) {
      // The progress of the first is on the screen and says why.
      if (!adding) await add(files, false);
    },
    async answerReplacing(replace) {
      const files = waiting;
      waiting = [];
      if (replace) await add(files, true);
      else state.setState({ adding: null });
    },
    cancelAdding() {
      onStop();
      adding?.abort();
    },
    dismissAdding() {
      if (!adding) state.setState({ adding: null });
    },
    async readCard(id) {
      const entry = state.getState().models.find((one) => one.id === id);
      if (!entry) return null;
      const kept = entry.kept?.card ?? null;
      if (entry.source === 'own') return kept;
      // The server's is the newest; without a connection it is the one that came with the download.
      return port.fetchCard(entry.address).catch(() => kept);
    },
    async deleteModel(id) {
      const entry = state.getState().models.find((one) => one.id === id);
      if (!entry?.kept) return;
      try {
        showRest(await library.deleteModel(entry.kept.id));
      } catch (error) {
        report(error);
      }
    },
    forgetModels: () => showRest({ models: [] }),
  };
}

/** How an addition that did not succeed is shown; a cancelled one is over. */
function outcome(error: unknown): Adding | null {
  if (error instanceof CancelledError) return null;
  const { code, parameters } = asAppError(error);
  return { phase: code === 'model-exists' ? 'asking' : 'failed', message: { code, parameters } };
}
