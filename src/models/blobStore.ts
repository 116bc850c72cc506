/**
 * Where the browser keeps model files: its private file system where there is one, else its Cache. Flat: a name and a
 * content each. Worker only: the synchronous file access that every browser with a private file system has is not
 * offered to pages.
 */
import { ModelError } from '../core/errors';
import { reasonOf } from '../core/messages';
import { PLACES } from '../core/storedPlaces';

export interface BlobStore {
  /** null when there is none of this name. */
  get(name: string): Promise<Blob | null>;
  /** Replaces what has the name. @throws ModelError('storage-full' | 'storage-failed') */
  put(name: string, content: Blob): Promise<void>;
  /** Does nothing when there is none of this name. */
  remove(name: string): Promise<void>;
  names(): Promise<string[]>;
}

const isNotFound = (error: unknown) => error instanceof DOMException && error.name === 'NotFoundError';

/** The error for a write that the browser refused. */
export function storageError(name: string, cause: unknown): ModelError {
  if (cause instanceof DOMException && cause.name === 'QuotaExceededError') {
    return new ModelError('storage-full', {}, { cause });
  }
  return new ModelError('storage-failed', { name, why: reasonOf(cause) }, { cause });
}

/** Opened each time: a handle kept is of no use once the user has cleared the page's data. */
const openFolder = async () =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(PLACES.models.name, { create: true });

class FileSystemStore implements BlobStore {
  async get(name: string): Promise<Blob | null> {
    try {
      return await (await (await openFolder()).getFileHandle(name)).getFile();
    } catch (error) {
      if (isNotFound(error)) return null;
      throw error;
    }
  }

  async put(name: string, content: Blob): Promise<void> {
    let isOpen = false;
    try {
      const handle = await (await openFolder()).getFileHandle(name, { create: true });
      const access = await handle.createSyncAccessHandle();
      isOpen = true;
      try {
        access.truncate(0);
        const bytes = new Uint8Array(await content.arrayBuffer());
        // A full disk shows as fewer bytes written than asked for, in some browsers without an error.
        if (access.write(bytes) !== bytes.length) throw new DOMException('', 'QuotaExceededError');
        access.flush();
      } finally {
        access.close();
      }
    } catch (cause) {
      // What could not be opened is another tab's.
      if (isOpen) await this.remove(name).catch(() => undefined);
      throw storageError(name, cause);
    }
  }

  async remove(name: string): Promise<void> {
    await (await openFolder()).removeEntry(name).catch((error) => {
      if (!isNotFound(error)) throw error;
    });
  }

  async names(): Promise<string[]> {
    const names: string[] = [];
    for await (const name of (await openFolder()).keys()) names.push(name);
    return names;
  }
}

class CacheStore implements BlobStore {
  constructor(private readonly cache: Cache) {}

  // Cache entries are addresses; this one is never fetched.
  private address = (name: string) => new URL(`/${PLACES.modelsInCache.name}/${name}`, self.location.origin).href;

  async get(name: string): Promise<Blob | null> {
    return (await (await this.cache.match(this.address(name)))?.blob()) ?? null;
  }

  async put(name: string, content: Blob): Promise<void> {
    await this.cache.put(this.address(name), new Response(content)).catch((cause) => {
      throw storageError(name, cause);
    });
  }

  async remove(name: string): Promise<void> {
    await this.cache.delete(this.address(name));
  }

  async names(): Promise<string[]> {
    const start = this.address('').length;
    return (await this.cache.keys()).map(({ url }) => url.slice(start));
  }
}

/** The best store of this browser; null when it offers none (a private window, a page over plain http). */
export async function openBlobStore(): Promise<BlobStore | null> {
  try {
    await openFolder();
    if ('createSyncAccessHandle' in FileSystemFileHandle.prototype) return new FileSystemStore();
  } catch {
    // Firefox's private windows refuse with a SecurityError; the Cache may still work.
  }
  try {
    return new CacheStore(await caches.open(PLACES.modelsInCache.name));
  } catch {
    return null;
  }
}
