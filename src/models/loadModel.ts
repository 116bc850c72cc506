/** A model by its address: a folder on this page's server, or one kept in this browser. */
import { ModelError } from '../core/errors';
import { message } from '../core/messages';
import { fetchCard, fetchManifest, fetchShard } from './fetchModel';
import type { ModelLibrary, StoredModel } from './library';
import type { Manifest } from './manifest';
import { withinPatience } from './patience';
import { assembleWeights, type LoadedModel, type OnBytes, type Shard } from './weights';

const STORED = 'stored:';

/** Where an own model is found: its id in the browser's storage, in the form of an address. */
export const storedAddress = (id: string): string => `${STORED}${id}/`;

/** The id behind a storedAddress; null for an address on a server. */
export const storedId = (address: string): string | null =>
  address.startsWith(STORED) ? address.slice(STORED.length).replace(/\/$/, '') : null;

export interface LoadOptions {
  /** null in browsers that keep nothing: then everything is fetched every time. */
  readonly library: ModelLibrary | null;
  readonly onBytes?: OnBytes;
  readonly signal?: AbortSignal;
}

/**
 * Loads a model, every piece verified. Pieces that the library has are not fetched; the others are kept in it as they
 * arrive, so that an interrupted download goes on and the next one is none.
 * @param address a storedAddress, or the absolute URL of the model's folder, ending in '/'
 * @throws ModelError naming the file and what is wrong with it
 */
export async function loadModel(
  address: string,
  { library, onBytes = () => undefined, signal }: LoadOptions,
): Promise<LoadedModel> {
  const id = storedId(address);
  if (id !== null) {
    if (!library) throw new ModelError('no-model-storage', { id });
    return library.open(id, onBytes, signal);
  }
  const manifest = await loadManifest(address, library, signal);
  const card = () => fetchCard(address).catch(() => null);
  const keeping = await keep(library?.startDownload(address, manifest, card));
  const read = async (shard: Shard, onShardBytes: (done: number) => void) => {
    const kept = await library?.readShard(shard).catch(() => null);
    if (kept) return kept;
    const bytes = await fetchShard(address, shard, onShardBytes, signal);
    if (keeping) await keep(library?.keepShard(shard, bytes));
    return bytes;
  };
  return { manifest, bytes: await assembleWeights(manifest, read, onBytes, signal) };
}

/**
 * Keeps a model of the server without loading it: only pieces that are not here are fetched, and each is verified and kept as
 * it arrives, so that what is interrupted goes on where it stopped.
 * @param address the absolute URL of the model's folder, ending in '/'
 * @throws ModelError naming the file and what is wrong with it, or what the storage says; what has been kept stays
 */
export async function keepModel(
  address: string,
  library: ModelLibrary,
  { onBytes = () => undefined, signal }: Omit<LoadOptions, 'library'> = {},
): Promise<StoredModel> {
  const manifest = await loadManifest(address, library, signal);
  await library.startDownload(address, manifest, () => fetchCard(address).catch(() => null));
  const { files, bytes: total, sha256 } = manifest.weights;
  let at = 0;
  onBytes(0, total);
  for (const shard of files) {
    signal?.throwIfAborted();
    if (!(await library.readShard(shard))) {
      const bytes = await fetchShard(
        address,
        shard,
        (done) => onBytes(at + Math.min(done, shard.bytes), total),
        signal,
      );
      await library.keepShard(shard, bytes);
    }
    at += shard.bytes;
    onBytes(at, total);
  }
  const kept = (await library.list()).find(({ id }) => id === address);
  // Another tab, or the browser, removed it in the meantime.
  if (kept?.manifest.weights.sha256 !== sha256 || kept.storedBytes !== total) {
    throw new ModelError('storage-cleared', { title: manifest.title, what: message('one-of-its-files') });
  }
  return kept;
}

/** What fetchManifest says when the server did not give the file, though it may have it. */
const UNREACHABLE: readonly string[] = ['model-unreachable', 'model-server-failed'];

/**
 * A model's manifest without its weights: from the server, or where that does not answer the one kept with the weights.
 * @throws ModelError where there is none, or none that is understood
 */
export async function loadManifest(
  address: string,
  library: ModelLibrary | null,
  signal?: AbortSignal,
): Promise<Manifest> {
  const id = storedId(address);
  if (id !== null) {
    const kept = await library?.manifest(id);
    if (!kept) throw new ModelError('model-not-stored', { id });
    return kept;
  }
  const kept = await library?.manifest(address).catch(() => null);
  const asked = fetchManifest(address, signal);
  if (!kept) return asked;
  const tooLate = () => new ModelError('model-unreachable', { what: 'model.json', url: address });
  try {
    return await withinPatience(asked, tooLate);
  } catch (error) {
    if (error instanceof ModelError && UNREACHABLE.includes(error.code)) return kept;
    throw error;
  }
}

/** A download that cannot be kept is used all the same. @returns whether it was kept */
async function keep(writing: Promise<void> | undefined): Promise<boolean> {
  try {
    await writing;
    return writing !== undefined;
  } catch (error) {
    console.warn('Organscope could not keep a downloaded model:', error);
    return false;
  }
}
