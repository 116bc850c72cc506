/**
 * Keeps files that the page fetches when it needs them (ONNX Runtime, sample scans) in Cache Storage, from which the service
 * worker answers. Only what is whole and has the build's checksum is kept; what has arrived of others waits in pieces.
 */
import { CancelledError, InvalidInputError } from '../core/errors';
import { nameOf, type RuntimeFile } from '../core/runtimeFile';
import { sha256Hex } from '../core/sha256';
import { PLACES } from '../core/storedPlaces';
import { ArrivingFile } from './arrivingFile';

/** As much is lost when a page is closed in the middle of a download. */
const PIECE_BYTES = 2 << 20;

export interface KeepFileOptions {
  /** Bytes of this file so far, those from before included. */
  readonly onBytes?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/** What became of a file's earlier pieces. */
export interface KeptOutcome {
  /** They had to be fetched again: the server cannot go on in the middle of a file, or they were damaged. */
  readonly startedAgain: boolean;
}

/** What it needs of a browser. */
interface World {
  readonly caches: Pick<CacheStorage, 'open' | 'has'>;
  readonly fetch: typeof fetch;
}

export class KeptFiles {
  /**
   * @param pageUrl absolute; the files' addresses are relative to it
   * @param response makes what is put into the cache: the service worker gives it out as it is
   */
  constructor(
    private readonly pageUrl: string,
    private readonly response: (content: Uint8Array<ArrayBuffer>, type: string) => Response,
    private readonly world: World = { caches: globalThis.caches, fetch: (...request) => globalThis.fetch(...request) },
  ) {}

  private open = () => this.world.caches.open(PLACES.keptFiles.name);
  private address = ({ url }: RuntimeFile) => new URL(url, this.pageUrl).href;
  private arriving = (file: RuntimeFile) => new ArrivingFile(this.world.caches, this.address(file), file.bytes);

  /** Bytes of a file that are here. It works without a connection when that is all of them. Looking makes no cache. */
  async keptBytes(file: RuntimeFile): Promise<number> {
    const isThere = await this.world.caches.has(PLACES.keptFiles.name);
    if (isThere && (await (await this.open()).match(this.address(file)))) return file.bytes;
    // All of it arrived and not put together yet is not there yet.
    return Math.min(await this.arriving(file).arrived(), file.bytes - 1);
  }

  /**
   * Fetches what is missing of a file, checks it and keeps it. Whatever fails, what was kept before stays, and what has
   * arrived waits for the next time; without room it is given up.
   * @throws InvalidInputError('file-unreachable' | 'file-refused' | 'file-broken-off' | 'file-damaged' | 'no-room-to-keep'),
   *   CancelledError
   */
  async keep(file: RuntimeFile, { onBytes = () => undefined, signal }: KeepFileOptions = {}): Promise<KeptOutcome> {
    const cache = await this.open();
    if (await cache.match(this.address(file))) return { startedAgain: false };
    const arriving = this.arriving(file);
    try {
      let { bytes, startedAgain, wentOn } = await this.receive(file, arriving, onBytes, signal);
      if (wentOn && (await sha256Hex(bytes)) !== file.sha256) {
        await arriving.remove();
        ({ bytes } = await this.receive(file, arriving, onBytes, signal));
        startedAgain = true;
      }
      if ((await sha256Hex(bytes)) !== file.sha256) {
        await arriving.remove();
        throw new InvalidInputError('file-damaged', { file: nameOf(file) });
      }
      // First, so that both need no room at once.
      await arriving.remove();
      await cache.put(this.address(file), this.response(bytes, file.type));
      return { startedAgain };
    } catch (error) {
      if (signal?.aborted) throw new CancelledError();
      if (!isNoRoom(error)) throw error;
      await arriving.remove();
      throw new InvalidInputError('no-room-to-keep', { what: nameOf(file) }, { cause: error });
    }
  }

  /** Also what has arrived of them. */
  async remove(files: readonly RuntimeFile[]): Promise<void> {
    const cache = await this.open();
    for (const file of files) {
      await cache.delete(this.address(file));
      await this.arriving(file).remove();
    }
  }

  /** All bytes of a file, what arrived before among them. */
  private async receive(
    file: RuntimeFile,
    arriving: ArrivingFile,
    onBytes: (done: number) => void,
    signal?: AbortSignal,
  ): Promise<KeptOutcome & { readonly bytes: Uint8Array<ArrayBuffer>; readonly wentOn: boolean }> {
    const bytes = new Uint8Array(file.bytes);
    const before = await arriving.read(bytes);
    onBytes(before.at);
    if (before.at === file.bytes) return { bytes, startedAgain: false, wentOn: true };
    const response = await this.request(file, before, signal);
    const wentOn = response.status === 206 && before.at > 0;
    const startedAgain = before.at > 0 && !wentOn;
    if (startedAgain) await arriving.remove();
    let at = wentOn ? before.at : 0;
    let stored = at;
    const validator = validatorOf(response);
    const store = async () => {
      if (at > stored) await arriving.add(bytes.slice(stored, at), stored, validator);
      stored = at;
    };
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    for (;;) {
      const chunk = await reader.read().catch(async (cause) => {
        await store();
        throw brokenOff(file, at, cause);
      });
      if (chunk.done) break;
      if (at + chunk.value.length > bytes.length) {
        await reader.cancel();
        await arriving.remove();
        throw new InvalidInputError('file-damaged', { file: nameOf(file) });
      }
      bytes.set(chunk.value, at);
      at += chunk.value.length;
      onBytes(at);
      if (at - stored >= PIECE_BYTES && at < bytes.length) await store();
    }
    if (at < bytes.length) {
      await store();
      throw brokenOff(file, at);
    }
    return { bytes, startedAgain, wentOn };
  }

  /** What is missing: the rest (206), or the whole (200) from a server that gives no parts or has another file by now. */
  private async request(
    file: RuntimeFile,
    { at, validator }: { readonly at: number; readonly validator: string },
    signal?: AbortSignal,
  ): Promise<Response> {
    // Also for the whole: the service worker leaves requests for parts to the page.
    const headers: Record<string, string> = { Range: `bytes=${at}-` };
    if (at > 0 && validator !== '') headers['If-Range'] = validator;
    const response = await this.world.fetch(this.address(file), { headers, signal }).catch((cause) => {
      throw new InvalidInputError('file-unreachable', { file: nameOf(file) }, { cause });
    });
    const isRest = response.status === 206 && response.headers.get('Content-Range')?.startsWith(`bytes ${at}-`);
    // A missing file's page in the place of the file is a wrong one.
    const isPage = response.headers.get('Content-Type')?.startsWith('text/html');
    if ((!isRest && response.status !== 200) || isPage) {
      throw new InvalidInputError('file-refused', { file: nameOf(file), status: response.status });
    }
    return response;
  }
}

/** What names this version of the file to its server: If-Range takes a strong ETag or a date. */
function validatorOf({ headers }: Response): string {
  const tag = headers.get('ETag') ?? '';
  return tag !== '' && !tag.startsWith('W/') ? tag : (headers.get('Last-Modified') ?? '');
}

const brokenOff = ({ bytes, ...file }: RuntimeFile, done: number, cause?: unknown) =>
  new InvalidInputError('file-broken-off', { file: nameOf(file), done, bytes }, { cause });

/** Whether a write failed for want of room. */
const isNoRoom = (error: unknown): boolean => error instanceof Error && error.name === 'QuotaExceededError';
