/** What lies in the places of core/storedPlaces.ts, and taking it away. */
import { PLACES, type StoredPlace, type StoredWhat } from '../core/storedPlaces';

/** What it needs of a browser; replaced in tests. */
export interface Browser {
  readonly caches: Pick<CacheStorage, 'open' | 'keys' | 'delete'> | undefined;
  readonly localStorage: Pick<Storage, 'getItem' | 'removeItem'> | undefined;
  /** The private file system's top folder; null where there is none. */
  readonly root: () => Promise<Pick<FileSystemDirectoryHandle, 'keys' | 'removeEntry'> | null>;
}

/** Browsers that block site data throw on the mere mention of some of these. */
export const thisBrowser = (): Browser => ({
  caches: attempt(() => globalThis.caches),
  localStorage: attempt(() => globalThis.localStorage),
  root: async () => (await attempt(() => navigator.storage.getDirectory())?.catch(() => null)) ?? null,
});

/** How many things there are of each kind: entries of caches, settings, folders. 0 where it cannot be known. */
export async function countStored(browser: Browser): Promise<Readonly<Record<StoredWhat, number>>> {
  const counts: Record<StoredWhat, number> = { app: 0, files: 0, models: 0, settings: 0, measurements: 0, shared: 0 };
  for (const place of await present(browser)) {
    counts[place.what] += await thingsIn(place, browser).catch(() => 0);
  }
  return counts;
}

/**
 * Takes away everything of these kinds.
 * @returns names of the places that would not go
 */
export async function deleteStored(whats: readonly StoredWhat[], browser: Browser): Promise<string[]> {
  const left: string[] = [];
  for (const place of (await present(browser)).filter(({ what }) => whats.includes(what))) {
    await clear(place, browser).catch(() => left.push(place.name));
  }
  return left;
}

/** The places that there are, by their full names. Looked for first: opening one would make it. */
async function present(browser: Browser): Promise<StoredPlace[]> {
  const caches = (await browser.caches?.keys().catch(() => [])) ?? [];
  const folders: string[] = [];
  for await (const name of (await browser.root())?.keys() ?? []) folders.push(name);
  return Object.values<StoredPlace>(PLACES).flatMap((place) => {
    const names = {
      cache: () => caches.filter((name) => name === place.name),
      caches: () => caches.filter((name) => name.startsWith(place.name)),
      folder: () => folders.filter((name) => name === place.name),
      localStorage: () => (browser.localStorage?.getItem(place.name) == null ? [] : [place.name]),
    }[place.kind]();
    return names.map((name) => ({ ...place, name }));
  });
}

async function thingsIn(place: StoredPlace, { caches }: Browser): Promise<number> {
  if (place.kind === 'localStorage' || place.kind === 'folder') return 1;
  return (await (await caches?.open(place.name))?.keys())?.length ?? 0;
}

async function clear(place: StoredPlace, { caches, localStorage, root }: Browser): Promise<void> {
  if (place.kind === 'localStorage') localStorage?.removeItem(place.name);
  else if (place.kind === 'folder') await (await root())?.removeEntry(place.name, { recursive: true });
  else await caches?.delete(place.name);
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
