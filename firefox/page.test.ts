/**
 * From a file to saved masks in Firefox, and the same in Chromium, whose masks they must be. What only a browser can get
 * wrong: workers under the policy, threads, WebGL, streams, storage, dialogs, keys.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ElementHandle, Page } from 'puppeteer-core';
import { type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cropNifti } from '../e2e/fixtures/cropNifti';
import { demo } from '../e2e/fixtures/demo';
import { freePort } from '../scripts/freePort.mjs';
import { type BrowserName, openBrowser } from './browsers';

let server: PreviewServer;
let url: string;
const folder = mkdtempSync(join(tmpdir(), 'organscope-firefox-'));
const scan = join(folder, 'box.nii.gz');

beforeAll(async () => {
  // Around the right hippocampus, in two gzip members: browsers' own DecompressionStream refuses the second.
  const bytes = gunzipSync(cropNifti(readFileSync(demo), [35, 78, 83], [32, 48, 32]));
  writeFileSync(scan, Buffer.concat([gzipSync(bytes.subarray(0, 9000)), gzipSync(bytes.subarray(9000))]));
  const port = await freePort(4283);
  server = await preview({ preview: { host: '127.0.0.1', port, strictPort: true } });
  url = `http://127.0.0.1:${port}/`;
});

afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A button that can be seen, by the beginning of its text or the whole of its name. */
async function button(page: Page, name: string): Promise<ElementHandle<HTMLButtonElement>> {
  const found = await page.waitForFunction(
    (name: string) =>
      [...document.querySelectorAll('button')].find(
        (one) =>
          one.getClientRects().length > 0 &&
          !one.disabled &&
          (one.textContent?.trim().startsWith(name) || one.getAttribute('aria-label') === name),
      ),
    {},
    name,
  );
  return found.asElement() as ElementHandle<HTMLButtonElement>;
}

async function press(page: Page, name: string): Promise<void> {
  await (await button(page, name)).focus();
  await page.keyboard.press('Enter');
}

const textOf = (page: Page, testId: string) =>
  page.$eval(`[data-testid=${testId}]`, (element) => (element as HTMLElement).innerText);

const status = (page: Page) => page.$eval('[data-testid=run]', (run) => (run as HTMLElement).dataset.status);

async function waitForStatus(page: Page, ...wanted: string[]): Promise<void> {
  const is = (wanted: string[]) =>
    wanted.includes((document.querySelector('[data-testid=run]') as HTMLElement | null)?.dataset.status ?? '');
  await page.waitForFunction(is, { timeout: 60_000 }, wanted);
}

/** Pixels of the axial picture: how many are bright, and how many have a colour, as masks have. */
async function pixels(page: Page): Promise<{ bright: number; coloured: number }> {
  const png = await (await page.waitForSelector('.pane-axial'))?.screenshot({ encoding: 'base64' });
  return page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64 as string), (c) => c.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    if (!context) throw new Error('no 2d context');
    context.drawImage(image, 0, 0);
    // Letters and lines lie in the outer fifths and on the middle lines.
    const [w, h] = [Math.round(image.width / 4), Math.round(image.height / 4)];
    const { data } = context.getImageData(w, h, w - 5, h - 5);
    let [bright, coloured] = [0, 0];
    for (let i = 0; i < data.length; i += 4) {
      const [low, high] = [Math.min(...data.slice(i, i + 3)), Math.max(...data.slice(i, i + 3))];
      if (high > 100) bright++;
      if (high - low > 40) coloured++;
    }
    return { bright, coloured };
  }, png);
}

/** Files in the browser's private file system. */
const keptFiles = (page: Page) =>
  page.evaluate(async () => {
    const names: string[] = [];
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('organscope-models');
    for await (const name of folder.keys()) names.push(name.replace(/-.*/, ''));
    return names.sort();
  });

async function story(name: BrowserName): Promise<Buffer> {
  const { page, version, errors, downloaded, close } = await openBrowser(name);
  try {
    await page.goto(url);
    await button(page, 'Open a file');
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);

    await ((await page.$('[data-testid=file-input]')) as ElementHandle<HTMLInputElement>).uploadFile(scan);
    await page.waitForFunction(() => document.querySelector('[data-testid=file-name]')?.textContent === 'box.nii.gz');
    await expect.poll(async () => (await pixels(page)).bright, { timeout: 30_000 }).toBeGreaterThan(500);
    expect((await pixels(page)).coloured).toBe(0);

    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open]');
    expect(await page.evaluate(() => document.activeElement?.closest('dialog[open]') !== null)).toBe(true);
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => !document.querySelector('dialog[open]'));

    // Everything by keyboard: the processor from the list, a run that is cancelled, one that is not.
    await page.$$eval('[data-testid=run] button[aria-haspopup=listbox]', ([list]) => (list as HTMLElement).focus());
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=option]');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => !document.querySelector('[role=listbox]'));
    await press(page, 'Segment');
    await press(page, 'Cancel');
    await waitForStatus(page, 'cancelled');
    await press(page, 'Segment');
    await waitForStatus(page, 'segmented', 'failed');
    expect(await status(page)).toBe('segmented');

    const report = await textOf(page, 'run-report');
    const threads = Math.min(8, availableParallelism());
    expect(report).toContain(`Main processor, ${threads === 1 ? '1 thread' : `${threads} threads`}`);
    console.log(`${version}: ${report.replaceAll(/\s+/g, ' ')}`);
    await expect.poll(async () => (await pixels(page)).coloured, { timeout: 60_000 }).toBeGreaterThan(100);
    expect(await keptFiles(page)).toEqual(['model', 'shard']);

    await press(page, 'Mask (.nii.gz)');
    const mask = await downloaded('box_hippocampus.nii.gz');
    expect(errors).toEqual([]);
    return mask;
  } finally {
    await close();
  }
}

it('Firefox opens a scan, segments it on several threads and saves the mask that Chromium saves', async () => {
  const ours = gunzipSync(await story('firefox'));
  const theirs = gunzipSync(await story('chromium'));
  expect(new Set(ours.subarray(-32 * 48 * 32)).size).toBe(3); // background and two structures
  expect(ours.equals(theirs)).toBe(true);
});
