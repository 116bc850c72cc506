/** The worker's answers to everything about kept models: adding, listing, deleting. */
import { CancelledError, UnsupportedDeviceError } from '../../core/errors';
import { openBlobStore } from '../../models/blobStore';
import { ModelLibrary, type StoredModel } from '../../models/library';
import { keepModel } from '../../models/loadModel';
import type { LoadedModel } from '../../models/weights';
import type { AddModelInput, AddProgress, KeepProgress, ModelStorage } from '../protocol';
import { addModel } from './addModel';
import { everyPercent } from './everyPercent';

export class ModelKeeper {
  private readonly opened = openBlobStore().then((store) => store && new ModelLibrary(store));

  /** null where the browser keeps nothing for this page. */
  library(): Promise<ModelLibrary | null> {
    return this.opened;
  }

  /**
   * @param tryOut runs the network once
   * @throws ModelError, UnsupportedDeviceError('no-storage'), CancelledError
   */
  async add(
    request: AddModelInput,
    tryOut: (model: LoadedModel) => Promise<void>,
    signal: AbortSignal,
    onProgress: (progress: AddProgress) => void,
  ): Promise<StoredModel> {
    const library = await this.writable();
    const { usedBytes, quotaBytes } = await estimate();
    const freeBytes = usedBytes === null || quotaBytes === null ? null : Math.max(0, quotaBytes - usedBytes);
    return addModel(request.files, { library, tryOut, replace: request.replace, freeBytes, signal, onProgress });
  }

  /**
   * Keeps a model of the server, so that it is there without a connection.
   * @throws as keepModel; UnsupportedDeviceError('no-storage'), CancelledError
   */
  async keep(
    modelUrl: string,
    signal: AbortSignal,
    onProgress: (progress: KeepProgress) => void,
  ): Promise<StoredModel> {
    const library = await this.writable();
    const onBytes = everyPercent((done, total) => onProgress({ done, total }));
    try {
      return await keepModel(modelUrl, library, { onBytes, signal });
    } catch (error) {
      throw signal.aborted ? new CancelledError() : error;
    }
  }

  private async writable(): Promise<ModelLibrary> {
    const library = await this.library();
    if (!library) throw new UnsupportedDeviceError('no-storage');
    return library;
  }

  async list(): Promise<ModelStorage> {
    const library = await this.library();
    return { models: (await library?.list()) ?? [], ...(await estimate()) };
  }

  async remove(modelId: string): Promise<ModelStorage> {
    await (await this.library())?.remove(modelId);
    return this.list();
  }
}

/** What the browser says about this page's storage. */
async function estimate(): Promise<Pick<ModelStorage, 'usedBytes' | 'quotaBytes'>> {
  const { usage = null, quota = null } = (await navigator.storage?.estimate().catch(() => null)) ?? {};
  return { usedBytes: usage, quotaBytes: quota };
}
