/** The build below a path on servers that others run: from a dropped file to a saved mask, isolated and with threads. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Page } from '@playwright/test';
import { CACHE_HASHED, CACHE_OTHERS, mediaTypes, responseHeaders } from '../scripts/responseHeaders';
import { runtimeAddresses } from '../scripts/runtimeFiles';
import { cropNifti } from './fixtures/cropNifti';
import { demo } from './fixtures/demo';
import { caddyHost, type Host, nginxHost, portableHost, pythonHost, siteFolder } from './fixtures/hosts';
import { readVolume } from './fixtures/masks';
import { expect, test } from './fixtures/test';
import { tinyModelUrl } from './fixtures/tinyModel';
import { AppPage } from './pages/appPage';

/** One window of either model, around the right hippocampus. */
const SIZE = [32, 48, 32];
const scan = cropNifti(readFileSync(demo), [35, 78, 83], SIZE);

// As visitors have it: where the server sends no headers, the service worker does.
test.use({ serviceWorkers: 'allow' });

let site: ReturnType<typeof siteFolder>;
test.beforeAll(() => {
  site = siteFolder();
});
test.afterAll(() => site.remove());

const hosts: { name: string; start: (folder: string) => Promise<Host>; sendsHeaders: boolean; model: string }[] = [
  { name: 'nginx', start: nginxHost, sendsHeaders: true, model: 'models/hippocampus/' },
  { name: 'Caddy', start: caddyHost, sendsHeaders: true, model: tinyModelUrl },
  { name: "Python's http.server", start: pythonHost, sendsHeaders: false, model: tinyModelUrl },
];

for (const { name, start, sendsHeaders, model } of hosts) {
  test(`below a path on ${name}: a dropped scan is segmented on several threads and saved`, async ({
    page,
    network,
  }) => {
    await using host = await start(site.folder);
    network.allow(host.url);
    await dropSegmentSave(page, host.url, model);
    await expectAnswers(host, sendsHeaders);
  });
}

test('from the portable folder: a dropped scan is segmented on several threads and saved', async ({
  page,
  network,
}) => {
  await using host = await portableHost(site.folder);
  network.allow(host.url);
  await dropSegmentSave(page, host.url, tinyModelUrl);
});

/** What a user does first. The page must not complain, or ask for anything beyond its own address. */
async function dropSegmentSave(page: Page, address: string, model: string): Promise<void> {
  const app = new AppPage(page);
  await page.goto(`${address}?model=${model}`);
  // Perhaps only after the service worker has loaded the page again.
  await page.waitForFunction(() => crossOriginIsolated, undefined, { timeout: 30_000 });
  await app.dropFile(scan, 'box.nii.gz');
  await app.waitForScan('box.nii.gz');
  await app.selectProvider('wasm');
  await app.segment();
  await app.waitForSegmented();
  const threads = Math.min(8, availableParallelism());
  await expect(app.runReport()).toContainText(threads === 1 ? '1 thread' : `${threads} threads`);
  const mask = await readVolume((await app.download('mask')).bytes);
  expect(mask.dimsXyz).toEqual(SIZE);
  expect(new Set(mask.data).size).toBeGreaterThan(1);

  expect(app.problems).toEqual([]);
  const elsewhere = app.requests.filter((url) => !url.startsWith(address) && !/^(blob|data):/.test(url));
  expect(elsewhere).toEqual([]);
}

/** Types and headers of one file of each kind, and of one that is missing. */
async function expectAnswers(host: Host, sendsHeaders: boolean): Promise<void> {
  const html = await (await fetch(host.url)).text();
  const script = /assets\/index-[\w-]+\.js/.exec(html)?.[0] as string;
  const { ort, demo } = runtimeAddresses;
  const files = [script, 'index.html', `${ort}ort-wasm-simd-threaded.mjs`, `${ort}ort-wasm-simd-threaded.wasm`];
  for (const file of [...files, demo['brain_t1.nii.gz'], 'models/index.json', 'models/brain-mri/model.onnx.0']) {
    const { status, headers, body } = await fetch(`${host.url}${file}`, { headers: { 'accept-encoding': 'gzip' } });
    await body?.cancel(); // Caddy would wait for it at its end
    expect(status, file).toBe(200);
    const type = headers.get('content-type') ?? '';
    const ending = file.split('.').at(-1) as string;
    // Older words for the same language.
    const known = { js: /^(text|application)\/javascript/, mjs: /^(text|application)\/javascript/ }[ending];
    if (known) expect(type).toMatch(known);
    else if (mediaTypes[ending]) expect(type.split(';')[0], file).toBe(mediaTypes[ending]);
    if (/\.nii\.gz$|\.onnx/.test(file)) expect(headers.get('content-encoding'), file).toBeNull();
    if (!sendsHeaders) continue;
    if (/\.(js|mjs|wasm)$/.test(file)) expect(headers.get('content-encoding'), file).toBe('gzip');
    expect(headers.get('cache-control'), file).toBe(file === script ? CACHE_HASHED : CACHE_OTHERS);
    expect(Object.fromEntries(headers), file).toMatchObject(inLowerCase(responseHeaders));
  }
  const missing = await fetch(`${host.url}assets/none-12345678.js`);
  expect(missing.status).toBe(404);
  expect(missing.headers.get('cache-control')).not.toBe(CACHE_HASHED);
  const withoutSlash = await fetch(host.url.slice(0, -1), { redirect: 'follow' });
  expect(withoutSlash.url).toBe(host.url);
}

const inLowerCase = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
