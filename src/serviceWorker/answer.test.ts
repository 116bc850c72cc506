import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runtimeFiles } from '../../scripts/runtimeFiles';
import { answer } from './answer';
import { shellAddress } from './shellAddress';

const scope = 'https://ward.example/tools/';
const network = vi.fn<(request: Request, init?: RequestInit) => Promise<Response>>();
const stored = new Map<string, Response>();
const noShell = { match: async () => undefined };
const work: Promise<unknown>[] = [];
const keepAlive = (one: Promise<unknown>) => void work.push(one);
const ask = (path: string, init?: RequestInit) =>
  answer(new Request(new URL(path, scope), init), scope, noShell, keepAlive);

beforeEach(() => {
  stored.clear();
  network.mockReset();
  network.mockImplementation(async () => new Response('new'));
  vi.stubGlobal('fetch', network);
  const cache = {
    match: async (url: string) => stored.get(url)?.clone(),
    put: async (url: string, response: Response) => void stored.set(url, response),
    delete: async (url: string) => stored.delete(url),
  };
  vi.stubGlobal('caches', { open: async () => cache });
});
afterEach(() => vi.unstubAllGlobals());

it('gives every answer of this origin the headers, those of missing files too', async () => {
  network.mockImplementation(async () => new Response('', { status: 404, headers: { 'Content-Type': 'text/plain' } }));
  const { status, headers } = await ask('nothing.txt');
  expect([status, headers.get('content-type')]).toEqual([404, 'text/plain']);
  for (const name of ['cross-origin-opener-policy', 'cross-origin-embedder-policy', 'cross-origin-resource-policy']) {
    expect(headers.get(name)).not.toBeNull();
  }
  expect(headers.get('content-security-policy')).toContain("default-src 'self'");
});

it('answers for no other origin', async () => {
  expect((await answer(new Request('https://elsewhere.example/'), scope, noShell, keepAlive)).type).toBe('error');
  expect(network).not.toHaveBeenCalled();
});

it('follows no redirect for the page: on a plain host nothing would keep it from another machine', async () => {
  await ask('models/index.json');
  await ask(runtimeFiles[0].url);
  expect(network.mock.calls.map(([, init]) => init?.redirect)).toEqual(['error', 'error']);
});

it('asks once for what lies at an address of its own content, if it is what the build made', async () => {
  const file = runtimeFiles.find(({ url }) => url.endsWith('.mjs')) as (typeof runtimeFiles)[number];
  await (await ask(file.url)).text();
  await Promise.all(work);
  expect(stored.size).toBe(0);
  const bytes = readFileSync(new URL(`../../node_modules/${file.source}`, import.meta.url));
  network.mockImplementation(async () => new Response(bytes));
  await (await ask(file.url)).text();
  await Promise.all(work);
  const kept = await ask(file.url);
  expect(kept.headers.get('content-security-policy')).not.toBeNull();
  expect(Buffer.from(await kept.arrayBuffer()).equals(bytes)).toBe(true);
  expect(network).toHaveBeenCalledTimes(2);
});

it('finds the page at its folder, with any query, and nothing else by one', () => {
  const page = `${scope}index.html`;
  expect(shellAddress(scope, true, scope)).toBe(page);
  expect(shellAddress(`${scope}?demo=brain#x`, true, scope)).toBe(page);
  expect(shellAddress(`${page}?lang=de`, true, scope)).toBe(page);
  expect(shellAddress(`${scope}assets/a.js?x`, false, scope)).toBe(`${scope}assets/a.js?x`);
  expect(shellAddress(`${scope}headless.html`, true, scope)).toBe(`${scope}headless.html`);
});
