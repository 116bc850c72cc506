/** A BlobStore in memory with room for `capacity` bytes, for tests. */
import { type BlobStore, storageError } from '../models/blobStore';

export class MemoryStore implements BlobStore {
  readonly blobs = new Map<string, Blob>();

  constructor(public capacity = Number.POSITIVE_INFINITY) {}

  get used(): number {
    return [...this.blobs.values()].reduce((sum, { size }) => sum + size, 0);
  }

  async get(name: string): Promise<Blob | null> {
    return this.blobs.get(name) ?? null;
  }

  async put(name: string, content: Blob): Promise<void> {
    if (this.used + content.size > this.capacity) {
      throw storageError(name, new DOMException('No room.', 'QuotaExceededError'));
    }
    this.blobs.set(name, content);
  }

  async remove(name: string): Promise<void> {
    this.blobs.delete(name);
  }

  async names(): Promise<string[]> {
    return [...this.blobs.keys()];
  }
}
