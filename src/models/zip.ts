/** Unpacking a zipped model folder. */
import { unzipSync } from 'fflate';
import { ModelError } from '../core/errors';
import { reasonOf } from '../core/messages';
import type { NamedFile } from '../files/namedFile';

/** Browsers refuse single arrays of more, and no model that runs in one is near it. */
const MAX_BYTES = 2 ** 31 - 1;

const ENCRYPTED = 1;

/** "PK", then a local file header or the end of an empty archive. */
export async function isZip(file: Blob): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  return head[0] === 0x50 && head[1] === 0x4b && ((head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6));
}

/**
 * Unpacks a zip archive whole.
 * @param name for messages
 * @throws ModelError('zip-damaged' | 'zip-too-large' | 'zip-encrypted')
 */
export async function unpackZip(file: Blob, name: string): Promise<NamedFile[]> {
  if (file.size > MAX_BYTES) throw tooLarge(name, file.size);
  const archive = new Uint8Array(await file.arrayBuffer());
  // General purpose flags of the first entry; archives are encrypted whole or not at all.
  if (archive.length > 6 && archive[6] & ENCRYPTED) {
    throw new ModelError('zip-encrypted', { name });
  }
  let total = 0;
  try {
    const files = unzipSync(archive, {
      filter: ({ name: path, originalSize }) => {
        total += originalSize;
        if (total > MAX_BYTES) throw tooLarge(name, total);
        return !path.endsWith('/');
      },
    });
    return Object.entries(files).map(([path, bytes]) => ({ path, file: new Blob([bytes as Uint8Array<ArrayBuffer>]) }));
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError('zip-damaged', { name, why: reasonOf(cause) }, { cause });
  }
}

const tooLarge = (name: string, bytes: number) =>
  new ModelError('zip-too-large', { name, size: `${(bytes / 2 ** 30).toFixed(1)} GB` });
