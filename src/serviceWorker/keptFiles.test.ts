import { afterEach, expect, it, vi } from 'vitest';
import { PLACES } from '../core/storedPlaces';
import { MemoryCaches } from '../testing/memoryCaches';
import { removeOld } from './keptFiles';

const scope = 'https://ward.example/';
afterEach(() => vi.unstubAllGlobals());

it('removes files of older versions, and none of another installation in a folder below', async () => {
  const kept = new MemoryCaches();
  vi.stubGlobal('caches', kept);
  const current = `${scope}${__RUNTIME_FILES__.files[0].url}`;
  const ofOther = `${scope}test/ort/01234567/a.wasm`;
  for (const { name } of [PLACES.keptFiles, PLACES.arrivingFiles]) {
    const cache = await kept.open(name);
    for (const address of [
      current,
      `${scope}ort/01234567/a.wasm`,
      `${scope}ort/01234567/a.wasm?from=0&to=1`,
      ofOther,
    ]) {
      await cache.put(address, new Response('x'));
    }
  }
  await removeOld(scope);
  for (const { name } of [PLACES.keptFiles, PLACES.arrivingFiles]) {
    expect([...(kept.caches.get(name)?.entries.keys() ?? [])]).toEqual([current, ofOther]);
  }
});
