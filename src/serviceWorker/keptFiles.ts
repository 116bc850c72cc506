/**
 * Files beside the shell: large ones that are kept once they were needed, or when the user asks for it (offline/keptFiles.ts).
 * Their folders have a hash of their content: what lies under an address never changes. models/ is left to the page, which
 * must know whether the server has answered: a description that is newer than the weights here would replace them.
 */
import { nameOf, type RuntimeFile } from '../core/runtimeFile';
import { sha256Hex } from '../core/sha256';
import { PLACES, type StoredPlace } from '../core/storedPlaces';
import { askServer } from './ownOriginOnly';
import { forKeeping, withPolicyHeaders } from './policyHeaders';

const FILES = __RUNTIME_FILES__.files;

/**
 * What answers a request for such a file, with the policy's headers; null for all others, and for parts of a file, which
 * the page puts together.
 * @param path address relative to the scope
 * @param keepAlive lets work go on after the answer
 */
export function keptFile(
  request: Request,
  path: string,
  keepAlive: (work: Promise<unknown>) => void,
): Promise<Response> | null {
  const file = FILES.find(({ url }) => url === path);
  if (request.method !== 'GET' || !file || request.headers.has('Range')) return null;
  return cacheFirst(request, file, keepAlive);
}

async function cacheFirst(
  request: Request,
  file: RuntimeFile,
  keepAlive: (work: Promise<unknown>) => void,
): Promise<Response> {
  const cache = await caches.open(PLACES.keptFiles.name);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const response = await askServer(request);
  if (response.status !== 200) return withPolicyHeaders(response);
  const given = forKeeping(response);
  // Without room, or not as it was built, it is used as it is and not kept.
  keepAlive(keepVerified(cache, request.url, file, given.clone()).catch(() => undefined));
  return given;
}

/** @throws where it is not what the build made, or there is no room */
async function keepVerified(cache: Cache, address: string, file: RuntimeFile, response: Response): Promise<void> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if ((await sha256Hex(bytes)) !== file.sha256) throw new TypeError(file.url);
  await cache.put(address, new Response(bytes, { headers: response.headers }));
}

/**
 * Fetches this version of the files that an older version has kept, so that what worked without a network does so after
 * an update. Rejects where one is not to be had: then the version before stays.
 * @param scope address of the page's folder
 */
export async function carryOver(scope: string): Promise<void> {
  const names = new Set((await addresses(PLACES.keptFiles, scope)).map((url) => nameOf({ url })));
  for (const file of FILES.filter((one) => names.has(nameOf(one)))) {
    const cache = await caches.open(PLACES.keptFiles.name);
    const address = new URL(file.url, scope).href;
    if (!(await cache.match(address))) await keepVerified(cache, address, file, forKeeping(await fetch(address)));
  }
}

/** Removes files that this version does not know, and what had arrived of such. @param scope address of the page's folder */
export async function removeOld(scope: string): Promise<void> {
  const known = new Set(FILES.map(({ url }) => new URL(url, scope).href));
  for (const place of [PLACES.keptFiles, PLACES.arrivingFiles]) {
    for (const address of await addresses(place, scope)) {
      if (!known.has(address.replace(/\?.*$/, ''))) await (await caches.open(place.name)).delete(address);
    }
  }
}

/** Folders beside the page that such files lie in, of any version. */
const FOLDERS = [...new Set(FILES.map(({ url }) => url.slice(0, url.indexOf('/') + 1)))];

/**
 * What is in a cache, of this installation alone: there may be another on the same server, in a folder below this one's.
 * Looking makes no cache.
 */
async function addresses(place: Pick<StoredPlace, 'name'>, scope: string): Promise<string[]> {
  if (!(await caches.has(place.name))) return [];
  const kept = (await (await caches.open(place.name)).keys()).map(({ url }) => url);
  return kept.filter((url) => FOLDERS.some((folder) => url.startsWith(`${scope}${folder}`)));
}
