/** Fetches a model folder: model.json, and the ONNX file it vouches for. */
import { ModelError, UnsupportedDeviceError } from '../../errors';
import { type Manifest, parseManifest } from './manifest';

async function get(url: string, what: string, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ModelError(
      'model-unreachable',
      `${what} could not be fetched from ${url}. Check the connection and try again.`,
      { cause },
    );
  }
  // A single-page-app server answers a missing file with its index.html and status 200.
  const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
  if (response.status === 404 || isPage) {
    throw new ModelError(
      'model-not-found',
      `There is no ${what} at ${url}. Run "npm run setup" to fetch the model, or check its name.`,
    );
  }
  if (!response.ok) {
    throw new ModelError(
      'model-unreachable',
      `${what} could not be fetched from ${url}: the server answered ${response.status}.`,
    );
  }
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
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ModelError(
      'manifest-invalid',
      `${url} is not valid JSON (${cause instanceof Error ? cause.message : cause}).`,
      { cause },
    );
  }
  return parseManifest(json);
}

/** A model folder in memory, its file verified against the manifest. */
export interface LoadedModel {
  readonly manifest: Manifest;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Streams the ONNX file and verifies size and SHA-256 against model.json.
 * @param modelUrl absolute URL of the model's folder, ending in '/'
 * @param onBytes bytes so far and in total
 * @throws ModelError naming expected and received value when the file is not the one the manifest describes
 */
export async function loadModel(
  modelUrl: string,
  onBytes?: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<LoadedModel> {
  const manifest = await fetchManifest(modelUrl, signal);
  const { file, bytes: total, sha256 } = manifest.weights;
  const response = await get(new URL(file, modelUrl).href, file, signal);
  const bytes = new Uint8Array(total);
  let done = 0;
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  onBytes?.(0, total);
  for (;;) {
    const chunk = await reader.read();
    if (chunk.done) break;
    if (done + chunk.value.length <= total) bytes.set(chunk.value, done);
    done += chunk.value.length;
    onBytes?.(Math.min(done, total), total);
  }
  if (done !== total) {
    throw new ModelError(
      'model-size',
      `${file} has ${done} bytes, model.json expects ${total}. The download is incomplete or the files do not belong together; fetch the model again.`,
    );
  }
  const received = await sha256Hex(bytes);
  if (received !== sha256) {
    throw new ModelError(
      'model-checksum',
      `${file} is damaged: its SHA-256 is ${received}, model.json expects ${sha256}. Fetch the model again.`,
    );
  }
  return { manifest, bytes };
}

async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (!subtle) {
    throw new UnsupportedDeviceError(
      'insecure-context',
      'This page was opened over plain http, where browsers offer neither checksums nor WebGPU. Open it over https or on localhost.',
    );
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
