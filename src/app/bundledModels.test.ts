import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MemoryCaches } from '../testing/memoryCaches';
import { modelFolder } from '../testing/modelFolder';
import { bundledModels } from './bundledModels';

const page = 'https://ward.example/';
const network = vi.fn<(url: string) => Promise<Response>>();

beforeEach(() => {
  const kept = new MemoryCaches();
  const match = async (url: string, { cacheName }: { cacheName: string }) => (await kept.open(cacheName)).match(url);
  vi.stubGlobal('caches', { open: (name: string) => kept.open(name), match });
  vi.stubGlobal('navigator', { onLine: true });
  vi.stubGlobal('fetch', network);
  network.mockImplementation(async (url) =>
    Response.json(url.endsWith('index.json') ? { models: ['tiny'] } : modelFolder().manifest),
  );
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const addresses = async (answer: ReturnType<typeof bundledModels>) =>
  (await answer).models.map(({ address }) => address);

it('lists the models of the server, and those of an earlier visit where it cannot be reached', async () => {
  network.mockRejectedValueOnce(new TypeError('no network'));
  await expect(bundledModels(page)).rejects.toMatchObject({ code: 'models-missing' });
  expect(await bundledModels(page)).toMatchObject({ isRemembered: false, errors: [] });
  network.mockRejectedValue(new TypeError('no network'));
  expect(await bundledModels(page)).toMatchObject({ isRemembered: true, errors: [] });
  expect(await addresses(bundledModels(page))).toEqual([`${page}models/tiny/`]);
});

it('waits seconds, not minutes, for a network that swallows requests', async () => {
  await bundledModels(page);
  network.mockImplementation(() => new Promise(() => undefined));
  const answer = bundledModels(page);
  await vi.advanceTimersByTimeAsync(5000);
  expect(await answer).toMatchObject({ isRemembered: true });
});
