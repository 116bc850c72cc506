/** Files beside the shell: large ones that are kept once they were needed, and the small ones that say which there are. */
import { PLACES } from '../core/storedPlaces';
import { forKeeping, withPolicyHeaders } from './policyHeaders';

/** Their folders have a hash of their content (scripts/runtimeFiles.ts): what lies under an address never changes. */
const IMMUTABLE = /^(ort|demo)\/[0-9a-f]{8}\//;

/** The list of models, their manifests and cards. The weights are another matter: models/ keeps and checks them. */
const DESCRIPTION = /^models\/(index\.json|[^/]+\/(model\.json|evaluation\.json|MODEL_CARD\.md))$/;

/** How long a network that is there and does not answer may hold up what is kept already. */
const PATIENCE_MS = 3000;

/**
 * What answers a request for such a file, with the policy's headers; null for all others.
 * @param path address relative to the scope
 */
export function keptFile(request: Request, path: string): Promise<Response> | null {
  if (request.method !== 'GET') return null;
  if (IMMUTABLE.test(path)) return cacheFirst(request);
  return DESCRIPTION.test(path) ? networkFirst(request) : null;
}

/**
 * Keeps what a page that came before its service worker has read without it: which models there are, and their
 * descriptions. Without those, the first offline start would know of none.
 * @param scope address of the page's folder
 */
export async function keepDescriptions(scope: string): Promise<void> {
  const read = (path: string) => networkFirst(new Request(`${scope}models/${path}`));
  const { models } = (await (await read('index.json')).json()) as { models: readonly string[] };
  const files = ['model.json', 'MODEL_CARD.md', 'evaluation.json'];
  await Promise.allSettled(models.flatMap((name) => files.map((file) => read(`${name}/${file}`))));
}

async function cacheFirst(request: Request): Promise<Response> {
  const cache = await caches.open(PLACES.keptFiles.name);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const response = await fetch(request);
  // A part of a file (206) is none to keep.
  if (response.status !== 200) return withPolicyHeaders(response);
  return kept200(cache, request.url, response);
}

/** The server's word counts: a model may be exchanged beside a page that stays. */
async function networkFirst(request: Request): Promise<Response> {
  const cache = await caches.open(PLACES.modelList.name);
  const kept = await cache.match(request.url);
  const asked = fetch(request).then(async (response) => {
    if (response.status === 200) return kept200(cache, request.url, response);
    // Gone from the server is gone here too.
    if (response.status === 404 || response.status === 410) await cache.delete(request.url);
    return withPolicyHeaders(response);
  });
  if (!kept) return asked;
  const late = new Promise<Response>((resolve) => setTimeout(() => resolve(kept), PATIENCE_MS));
  return Promise.race([asked.catch(() => kept), late]);
}

/** Keeps a copy where there is room; without, the file is used all the same. */
async function kept200(cache: Cache, url: string, response: Response): Promise<Response> {
  const given = forKeeping(response);
  void cache.put(url, given.clone()).catch(() => undefined);
  return given;
}
