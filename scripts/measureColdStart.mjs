// @ts-check
/**
 * `node scripts/measureColdStart.mjs [runs]`: how long the built page takes to be usable from a cold start without a
 * network, in a new browser process each time. Visits `vite preview` once, ends it, and prints median and worst.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { preview } from 'vite';
import { findChromium, softwareGpuArgs } from './chromium.mjs';
import { freePort } from './freePort.mjs';
import { root } from './setup.mjs';

const runs = Number(process.argv[2] ?? 10);
const executablePath = findChromium();
if (!executablePath) throw new Error('No Chromium or Chrome was found. Install one, or set CHROMIUM to its path.');
const profile = mkdtempSync(join(tmpdir(), 'organscope-cold-start-'));
const launch = () => puppeteer.launch({ executablePath, args: [...softwareGpuArgs()], userDataDir: profile });

/** Usable: a file can be chosen, and the models are listed. In ms since the navigation began. */
const usableMs = () =>
  new Promise((resolve) => {
    const look = () => {
      const isUsable =
        document.querySelector('[data-testid=file-input]') && /Hippocampus/.test(document.body.innerText);
      if (isUsable) resolve(performance.now());
      else requestAnimationFrame(look);
    };
    look();
  });

try {
  process.chdir(root);
  const port = await freePort(44_500);
  const server = await preview({ logLevel: 'error', preview: { host: '127.0.0.1', port, strictPort: true } });
  const url = `http://127.0.0.1:${port}/`;
  const first = await launch();
  const page = await first.newPage();
  await page.goto(url);
  await page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await page.reload();
  await first.close();
  await server.close();

  const times = [];
  for (let run = 0; run < runs; run++) {
    const browser = await launch();
    const [tab] = await browser.pages();
    await tab.goto(url, { waitUntil: 'domcontentloaded' });
    times.push(Math.round(Number(await tab.evaluate(usableMs))));
    await browser.close();
  }
  times.sort((a, b) => a - b);
  console.log(`${times.join(', ')} ms; median ${times[times.length >> 1]} ms, worst ${times.at(-1)} ms`);
} finally {
  rmSync(profile, { recursive: true, force: true });
}
