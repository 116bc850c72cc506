import { beforeEach, describe, expect, it } from 'vitest';
import { PLACES } from '../core/storedPlaces';
import { MemoryCaches } from '../testing/memoryCaches';
import { type Browser, countStored, deleteStored } from './storedThings';

let caches: MemoryCaches;
let settings: Map<string, string>;
let folders: Set<string>;
let browser: Browser;
beforeEach(async () => {
  caches = new MemoryCaches();
  settings = new Map([
    [PLACES.chosenModel.name, 'bundled:brain-mri'],
    ['of another page', 'x'],
  ]);
  folders = new Set([PLACES.models.name, 'of another page']);
  browser = {
    caches,
    localStorage: {
      getItem: (name) => settings.get(name) ?? null,
      removeItem: (name) => void settings.delete(name),
    },
    root: async () => ({
      keys: () => folders.values() as unknown as FileSystemDirectoryHandleAsyncIterator<string>,
      removeEntry: async (name) => void folders.delete(name),
    }),
  };
  for (const name of ['organscope-precache-v2-http://test/', PLACES.measurements.name, 'of another page']) {
    await (await caches.open(name)).put('http://test/1', new Response('x'));
  }
});

describe('what is stored', () => {
  it('is counted by what it is for, and nothing is made by looking', async () => {
    expect(await countStored(browser)).toEqual({
      app: 1,
      files: 0,
      models: 1,
      settings: 1,
      measurements: 1,
      shared: 0,
    });
    expect(caches.caches.size).toBe(3);
  });

  it('is deleted by what it is for', async () => {
    expect(await deleteStored(['measurements', 'shared'], browser)).toEqual([]);
    expect(await countStored(browser)).toMatchObject({ app: 1, models: 1, settings: 1, measurements: 0 });
  });

  it('is deleted whole, and nothing of others', async () => {
    expect(await deleteStored(['app', 'files', 'models', 'settings', 'measurements', 'shared'], browser)).toEqual([]);
    expect([[...caches.caches.keys()], [...settings.keys()], [...folders]]).toEqual([
      ['of another page'],
      ['of another page'],
      ['of another page'],
    ]);
  });

  it('is named where it would not go', async () => {
    const root = async () => ({
      keys: () => folders.values() as unknown as FileSystemDirectoryHandleAsyncIterator<string>,
      removeEntry: () => Promise.reject(new DOMException('', 'NoModificationAllowedError')),
    });
    expect(await deleteStored(['models', 'settings'], { ...browser, root })).toEqual([PLACES.models.name]);
    expect(settings.has(PLACES.chosenModel.name)).toBe(false);
  });

  it('is nothing in a browser that keeps nothing', async () => {
    const nothing: Browser = { caches: undefined, localStorage: undefined, root: async () => null };
    expect(Object.values(await countStored(nothing))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await deleteStored(['models'], nothing)).toEqual([]);
  });
});
