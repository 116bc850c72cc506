/** Files of a model folder on the page's own server. */
import { ModelError } from '../core/errors';
import { CARD, readCard } from './card';
import { type Manifest, readManifest } from './manifest';
import { FETCH_AGAIN, type Shard, sizeError, verifyShard } from './weights';

/** Nobody waits longer for a text of a few kilobytes. */
const CARD_PATIENCE_MS = 5000;

async function get(url: string, what: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ModelError('model-unreachable', { what, url }, { cause });
  }
  // A single-page-app server answers a missing file with its index.html and status 200.
  const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
  if (response.status === 404 || isPage) throw new ModelError('model-not-found', { what, url });
  if (!response.ok) throw new ModelError('model-server-failed', { what, url, status: response.status });
  return response;
}

/**
 * Reads and checks model.json.
 * @param modelUrl absolute URL of the model's folder, ending in '/'
 * @throws ModelError when it is missing, not JSON, or not a manifest we understand
 */
export async function fetchManifest(modelUrl: string, signal?: AbortSignal): Promise<Manifest> {
  const url = new URL('model.json', modelUrl).href;
  const text = await (await get(url, 'model.json', signal)).text();
  return readManifest(text, url);
}

/**
 * Fetches MODEL_CARD.md.
 * @param modelUrl absolute URL of the model's folder, ending in '/'
 * @returns Markdown; null when the model has no card, or none that can be read
 * @throws ModelError('model-unreachable' | 'model-server-failed'), or the timeout's DOMException
 */
export async function fetchCard(modelUrl: string): Promise<string | null> {
  const url = new URL(CARD, modelUrl).href;
  try {
    return await readCard(await (await get(url, CARD, AbortSignal.timeout(CARD_PATIENCE_MS))).blob());
  } catch (error) {
    if (error instanceof ModelError && error.code === 'model-not-found') return null;
    throw error;
  }
}

/**
 * Fetches one weights file.
 * @param onBytes bytes so far
 * @throws ModelError('model-unreachable' | 'model-server-failed' | 'model-connection-broken' | 'model-not-found' | 'model-size' |
 *   'model-checksum')
 */
export async function fetchShard(
  modelUrl: string,
  shard: Shard,
  onBytes: (done: number) => void,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(shard.file, modelUrl).href;
  const response = await get(url, shard.file, signal);
  const bytes = new Uint8Array(shard.bytes);
  let done = 0;
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  for (;;) {
    signal?.throwIfAborted();
    const chunk = await reader.read().catch((cause) => {
      if (signal?.aborted) throw cause;
      throw new ModelError('model-connection-broken', { done, bytes: shard.bytes, url }, { cause });
    });
    if (chunk.done) break;
    if (done + chunk.value.length <= bytes.length) bytes.set(chunk.value, done);
    done += chunk.value.length;
    onBytes(Math.min(done, bytes.length));
  }
  if (done !== bytes.length) throw sizeError(shard, done, FETCH_AGAIN);
  await verifyShard(bytes, shard, FETCH_AGAIN);
  return bytes;
}
