/** From dropped files to a model kept in this browser. Nothing is kept, or replaced, before every check has passed. */
import { CancelledError, ModelError } from '../../core/errors';
import type { NamedFile } from '../../files/namedFile';
import { readCard } from '../../models/card';
import type { ModelLibrary, StoredModel } from '../../models/library';
import { readManifest } from '../../models/manifest';
import { findModel } from '../../models/modelFiles';
import { assembleWeights, COPY_AGAIN, type LoadedModel, type Shard, verifyShard } from '../../models/weights';
import { isZip, unpackZip } from '../../models/zip';
import { networkCost } from '../network/engine/networkCost';
import { decodeModel } from '../network/onnx/decode';
import type { AddProgress } from '../protocol';
import { checkGraph } from './checkGraph';

export interface AddOptions {
  readonly library: ModelLibrary;
  /** Runs the network once. @throws ModelError when its output is broken */
  readonly tryOut: (model: LoadedModel) => Promise<void>;
  /** Whether a model with the same name and version may be replaced. */
  readonly replace: boolean;
  /** Bytes this page may still store; null when the browser does not say. */
  readonly freeBytes: number | null;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AddProgress) => void;
}

/**
 * Checks a model folder (or one zip of it), tries the network on noise and keeps it.
 * @throws ModelError for each thing that can be wrong; ModelError('model-exists') when it would replace one and may not;
 *   CancelledError after an abort
 */
export async function addModel(files: readonly NamedFile[], options: AddOptions): Promise<StoredModel> {
  const { library, signal } = options;
  const report = async (progress: AddProgress) => {
    options.onProgress?.(progress);
    // Lets a waiting cancel in: hashing and decoding leave no gap of their own.
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (signal?.aborted) throw new CancelledError();
  };
  try {
    await report({ step: 'read', done: 0, total: 0 });
    const found = findModel(await unpacked(files));
    const manifest = readManifest(await found.manifest.file.text(), 'model.json');
    if (!options.replace) await library.requireNew(manifest);
    requireRoom(manifest.weights.bytes, manifest.title, options.freeBytes);
    const read = async (shard: Shard) => {
      const bytes = new Uint8Array(await found.file(shard).arrayBuffer());
      await verifyShard(bytes, shard, COPY_AGAIN);
      return bytes;
    };
    const onBytes = (done: number, total: number) => options.onProgress?.({ step: 'verify', done, total });
    // Missing files first: nobody should wait for checksums to learn of one.
    for (const shard of manifest.weights.files) found.file(shard);
    const model = { manifest, bytes: await assembleWeights(manifest, read, onBytes, signal) };
    checkGraph(decodeModel(model.bytes), manifest);
    await report({ step: 'try', done: 0, total: 0 });
    await options.tryOut(model);
    await report({ step: 'keep', done: 0, total: manifest.weights.bytes });
    const card = found.card && (await readCard(found.card));
    return await library.add(model, {
      card,
      cost: networkCost(model.bytes),
      replace: options.replace,
      signal,
      onBytes: (done, total) => options.onProgress?.({ step: 'keep', done, total }),
    });
  } catch (error) {
    throw signal?.aborted ? new CancelledError() : error;
  }
}

async function unpacked(files: readonly NamedFile[]): Promise<readonly NamedFile[]> {
  if (files.length !== 1 || !(await isZip(files[0].file))) return files;
  return unpackZip(files[0].file, files[0].path);
}

function requireRoom(bytes: number, title: string, freeBytes: number | null): void {
  if (freeBytes === null || bytes <= freeBytes) return;
  const megabytes = (value: number) => `${(value / 1e6).toFixed(1)} MB`;
  throw new ModelError('storage-too-small', { title, needed: megabytes(bytes), free: megabytes(freeBytes) });
}
