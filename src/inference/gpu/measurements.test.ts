import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AdapterFacts } from '../protocol';
import { measurementsOf } from './measurements';

const intel: AdapterFacts = {
  ...{ vendor: 'intel', architecture: 'gen-12lp', device: '0x9a49', description: 'driver 31.0' },
  isFallbackAdapter: false,
};

/** Cache Storage as far as it is used. */
function fakeCaches(broken = false) {
  const kept = new Map<string, string>();
  const address = (request: string | Request) => (typeof request === 'string' ? request : request.url);
  const cache = {
    match: async (request: string | Request) =>
      kept.has(address(request)) ? new Response(kept.get(address(request))) : undefined,
    keys: async () => [...kept.keys()].map((url) => new Request(url)),
    delete: async (request: string | Request) => kept.delete(address(request)),
    put: async (url: string, response: Response) => {
      if (broken) throw new DOMException('full', 'QuotaExceededError');
      kept.set(url, await response.text());
    },
  };
  return { kept, caches: { open: async () => cache } };
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('measurements of an adapter', () => {
  it('come back from the cache on a later visit, for this adapter and driver only', async () => {
    const { caches, kept } = fakeCaches();
    vi.stubGlobal('caches', caches);
    await measurementsOf(intel).set('64x128x128 16->16', 2);
    expect([...kept.values()]).toEqual([expect.stringContaining('"value":2')]);
    expect(await measurementsOf(intel).get('64x128x128 16->16')).toBe(2);
    expect(await measurementsOf({ ...intel, description: 'driver 32.0' }).get('64x128x128 16->16')).toBeUndefined();
    expect(await measurementsOf(intel).get('32x32x32 32->32')).toBeUndefined();
  });

  it.each([['with a cache', fakeCaches().caches] as const, ['in memory', undefined] as const])(
    'are forgotten after two weeks, and when the clock was set back: %s',
    async (_, caches) => {
      vi.stubGlobal('caches', caches);
      vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-01') });
      await measurementsOf(intel).set('speeds', { gpuMs: 200 });
      vi.setSystemTime(new Date('2026-11-14'));
      expect(await measurementsOf(intel).get('speeds')).toEqual({ gpuMs: 200 });
      vi.setSystemTime(new Date('2026-11-16'));
      expect(await measurementsOf(intel).get('speeds')).toBeUndefined();
      vi.setSystemTime(new Date('2026-10-31'));
      expect(await measurementsOf(intel).get('speeds')).toBeUndefined();
    },
  );

  it('are of one version of the browser, and what is too old is deleted', async () => {
    const { caches, kept } = fakeCaches();
    vi.stubGlobal('caches', caches);
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-01') });
    vi.stubGlobal('navigator', { userAgent: 'Chrome/156.0.0.0' });
    await measurementsOf(intel).set('speeds', 1);
    vi.stubGlobal('navigator', { userAgent: 'Chrome/157.0.0.0' });
    expect(await measurementsOf(intel).get('speeds')).toBeUndefined();
    vi.setSystemTime(new Date('2026-11-20'));
    await measurementsOf(intel).set('speeds', 2);
    expect([...kept.keys()]).toEqual([expect.stringContaining('157')]);
  });

  it.each([
    ['there is no cache', undefined],
    ['the cache is full', fakeCaches(true).caches],
    ['the cache is forbidden', { open: () => Promise.reject(new DOMException('no', 'SecurityError')) }],
  ])('are kept in memory when %s', async (_, caches) => {
    vi.stubGlobal('caches', caches);
    await measurementsOf(intel).set('speed', { ms: 3 });
    expect(await measurementsOf(intel).get('speed')).toEqual({ ms: 3 });
  });
});
