/**
 * What was measured on an adapter and is worth remembering: the same for every later visit. Kept in the browser's Cache
 * Storage, which workers and pages share; in memory where there is none (Node, or storage that the user has switched off).
 */
import type { AdapterFacts } from './adapter';

/** Small JSON values by name. Never fails: what cannot be kept is measured again. */
export interface Measurements {
  get(name: string): Promise<unknown>;
  set(name: string, value: unknown): Promise<void>;
}

/** Of kernels and measuring: what was measured with another version is forgotten. */
const VERSION = 2;
const CACHE = 'organscope-measurements';

/** For one adapter, told apart from others by what it says about itself; drivers name their version there. */
export function measurementsOf({ vendor, architecture, device, description }: AdapterFacts): Measurements {
  const prefix = [VERSION, vendor, architecture, device, description].map((part) => encodeURIComponent(part)).join('/');
  // A cache is keyed by addresses; these are never fetched.
  return cached((name) => `https://organscope.invalid/${prefix}/${encodeURIComponent(name)}`);
}

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
  const open = () => globalThis.caches?.open(CACHE).catch(() => undefined);
  return {
    async get(name) {
      const cache = await open();
      const kept = await cache?.match(address(name)).catch(() => undefined);
      return kept ? kept.json().catch(() => undefined) : memory.get(address(name));
    },
    async set(name, value) {
      await memory.set(address(name), value);
      const cache = await open();
      await cache?.put(address(name), Response.json(value)).catch(() => undefined);
    },
  };
}
