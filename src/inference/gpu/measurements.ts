/**
 * What was measured on an adapter and is worth remembering for later visits. Kept in the browser's Cache Storage, which
 * workers and pages share; in memory where there is none (Node, or storage that the user has switched off). Forgotten after
 * two weeks and with every version of the browser: drivers change unseen, and a machine may have been busy.
 */
import { PLACES } from '../../core/storedPlaces';
import type { AdapterFacts } from '../protocol';

/** Small JSON values by name. Never fails: what cannot be kept is measured again. */
export interface Measurements {
  get(name: string): Promise<unknown>;
  set(name: string, value: unknown): Promise<void>;
}

/** Of kernels and measuring: what was measured with another version is forgotten. */
const VERSION = 4;
const KEPT_MS = 14 * 24 * 3600_000;

/** As it is kept. */
interface Dated {
  readonly value: unknown;
  /** Date.now() of the measurement. */
  readonly at: number;
}

/**
 * For one adapter and browser. Adapters are told apart by what they say about themselves; drivers may name their version
 * there, browsers do in `navigator.userAgent`.
 */
export function measurementsOf({ vendor, architecture, device, description }: AdapterFacts): Measurements {
  const browser = (globalThis.navigator as Navigator | undefined)?.userAgent ?? '';
  const parts = [VERSION, browser, vendor, architecture, device, description];
  const prefix = parts.map((part) => encodeURIComponent(part)).join('/');
  // A cache is keyed by addresses; these are never fetched.
  return cached((name) => `https://organscope.invalid/${prefix}/${encodeURIComponent(name)}`);
}

/** What is measured on the processor, whichever adapter there is. */
export const measurementsOfProcessor = (): Measurements =>
  measurementsOf({ vendor: '', architecture: '', device: '', description: 'processor', isFallbackAdapter: false });

/** Lives as long as the object. */
export function measurementsInMemory(): Measurements {
  const values = new Map<string, unknown>();
  return {
    get: async (name) => values.get(name),
    set: async (name, value) => void values.set(name, value),
  };
}

const memory = measurementsInMemory();

function cached(address: (name: string) => string): Measurements {
  const open = () => globalThis.caches?.open(PLACES.measurements.name).catch(() => undefined);
  return {
    async get(name) {
      const cache = await open();
      const kept = (await readDated(cache, address(name))) ?? (await memory.get(address(name)));
      return isFresh(kept) ? kept.value : undefined;
    },
    async set(name, value) {
      const dated: Dated = { value, at: Date.now() };
      await memory.set(address(name), dated);
      const cache = await open();
      await cache?.put(address(name), Response.json(dated)).catch(() => undefined);
      if (cache) await prune(cache).catch(() => undefined);
    },
  };
}

async function readDated(cache: Cache | undefined, address: RequestInfo): Promise<unknown> {
  const kept = await cache?.match(address).catch(() => undefined);
  return kept?.json().catch(() => undefined);
}

/** A date in the future is a clock that was set back: nobody knows how old that is. */
function isFresh(kept: unknown): kept is Dated {
  const age = Date.now() - ((kept as Partial<Dated> | undefined)?.at ?? Number.NaN);
  return age >= 0 && age < KEPT_MS;
}

/** Deletes what nobody will read again, of other browser versions above all. */
async function prune(cache: Cache): Promise<void> {
  for (const request of await cache.keys()) {
    if (!isFresh(await readDated(cache, request))) await cache.delete(request);
  }
}
