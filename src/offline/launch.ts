/** Files that the system hands to the installed app: opened with it, or shared with it. */
import { InvalidInputError } from '../core/errors';
import { reasonOf } from '../core/messages';
import { PLACES } from '../core/storedPlaces';
import type { NamedFile } from '../files/namedFile';
import { SHARED_QUERY } from '../serviceWorker/contract';

/** As far as it is used here; in no library of types yet. */
interface LaunchQueue {
  setConsumer(consumer: (parameters: { readonly files?: readonly FileSystemHandle[] }) => void): void;
}

/**
 * Tells of files (and folders, walked through) that the system opens with this app, now and while it runs.
 * @param open is given the files, or a rejection where one cannot be read
 */
export function onLaunchFiles(open: (files: Promise<NamedFile[]>) => void): void {
  (globalThis as { launchQueue?: LaunchQueue }).launchQueue?.setConsumer(({ files = [] }) => {
    if (files.length > 0) open(filesOf(files));
  });
}

/** @throws InvalidInputError('launch-unreadable') */
export async function filesOf(handles: readonly FileSystemHandle[]): Promise<NamedFile[]> {
  try {
    return (await Promise.all(handles.map((handle) => walk(handle, '')))).flat();
  } catch (error) {
    throw new InvalidInputError('launch-unreadable', { why: reasonOf(error) }, { cause: error });
  }
}

async function walk(handle: FileSystemHandle, folder: string): Promise<NamedFile[]> {
  const path = `${folder}${handle.name}`;
  if (handle.kind === 'file') return [{ path, file: await (handle as FileSystemFileHandle).getFile() }];
  const inside: NamedFile[] = [];
  const children = (handle as FileSystemDirectoryHandle & { values(): AsyncIterable<FileSystemHandle> }).values();
  for await (const child of children) inside.push(...(await walk(child, `${path}/`)));
  return inside;
}

/**
 * The files that another app shared, where that is how this page was opened; null else. They are read and deleted, and
 * the page's address is as if nothing had been shared. Those that an earlier window has left are deleted.
 * @throws InvalidInputError('shared-files-missing')
 */
export async function takeSharedFiles(place: Location, history: History): Promise<NamedFile[] | null> {
  const address = new URL(place.href);
  if (!address.searchParams.has(SHARED_QUERY)) {
    // A window that was closed before it had read them: a scan must not stay on the disk.
    await globalThis.caches?.delete(PLACES.shared.name).catch(() => undefined);
    return null;
  }
  address.searchParams.delete(SHARED_QUERY);
  history.replaceState(history.state, '', address.href);
  try {
    const cache = await caches.open(PLACES.shared.name);
    const files: NamedFile[] = [];
    for (const request of await cache.keys()) {
      const kept = await cache.match(request);
      const name = decodeURIComponent(request.url.slice(request.url.lastIndexOf('/') + 1));
      if (kept) files.push({ path: name, file: new Blob([await kept.arrayBuffer()]) });
    }
    if (files.length === 0) throw new InvalidInputError('shared-files-missing');
    return files;
  } finally {
    await caches.delete(PLACES.shared.name);
  }
}
