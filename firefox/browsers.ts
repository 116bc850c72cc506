/** Firefox and Chromium, driven in the same way: puppeteer speaks WebDriver BiDi with the one and CDP with the other. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import puppeteer, { type Browser, type LaunchOptions, type Page } from 'puppeteer-core';
import { findChromium, softwareGpuArgs } from '../scripts/chromium.mjs';
import { findFirefox, unseenScreen } from '../scripts/firefox.mjs';

export type BrowserName = 'firefox' | 'chromium';

export interface OpenBrowser {
  readonly page: Page;
  readonly version: string;
  /** What the console and the page called an error so far. */
  readonly errors: readonly string[];
  /** Waits for a download of this name. */
  downloaded(name: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** Saves what is downloaded without a question. */
const downloadPreferences = (folder: string) => ({
  'browser.download.folderList': 2,
  'browser.download.dir': folder,
  'browser.download.always_ask_before_handling_new_types': false,
  'browser.helperApps.neverAsk.saveToDisk': 'application/gzip,application/x-gzip,application/octet-stream',
});

const launchOptions: Readonly<
  Record<BrowserName, (downloads: string) => Promise<{ options: LaunchOptions; close: () => void }>>
> = {
  async firefox(downloads) {
    const executablePath = findFirefox();
    if (!executablePath) throw new Error('No Firefox was found. Install one, or set FIREFOX to its path.');
    const screen = await unseenScreen();
    // In Chromium's folder, which vite.config.ts names for Dawn, lies a libEGL of its own.
    const env = { ...process.env, ...screen.env, LD_LIBRARY_PATH: '' } as Record<string, string>;
    return {
      options: { browser: 'firefox', executablePath, env, extraPrefsFirefox: downloadPreferences(downloads) },
      close: screen.close,
    };
  },
  async chromium(downloads) {
    const executablePath = findChromium();
    if (!executablePath) throw new Error('No Chromium was found. Install one, or set CHROMIUM to its path.');
    return {
      options: {
        executablePath,
        args: softwareGpuArgs(),
        downloadBehavior: { policy: 'allow', downloadPath: downloads },
      },
      close: () => {},
    };
  },
};

/** Starts the browser with one page of 1280 x 720. */
export async function openBrowser(name: BrowserName): Promise<OpenBrowser> {
  const downloads = mkdtempSync(join(tmpdir(), 'organscope-downloads-'));
  const { options, close } = await launchOptions[name](downloads);
  let browser: Browser;
  try {
    browser = await puppeteer.launch({ ...options, headless: true });
  } catch (error) {
    close();
    throw error;
  }
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 720 });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (entry) => entry.type() === 'error' && errors.push(entry.text()));
  return {
    page,
    version: await browser.version(),
    errors,
    async downloaded(file) {
      const path = join(downloads, file);
      // While it is written, Firefox keeps a file of this name, empty, beside the one that it writes.
      while (!existsSync(path) || existsSync(`${path}.part`) || readFileSync(path).length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return readFileSync(path);
    },
    async close() {
      await browser.close();
      close();
      rmSync(downloads, { recursive: true, force: true });
    },
  };
}
