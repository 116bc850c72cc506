import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import type { HeadlessOutcome, HeadlessReport, HeadlessRequest } from '../../src/headless/main';
import type { Progress } from '../../src/inference/protocol';

/** headless.html, as the command line drives it. */
export class HeadlessPage {
  /** Every progress message of this page so far. */
  readonly progress: Progress[] = [];
  /** Inference workers the page has started so far: 1, and one more for each that had to be replaced. */
  workersStarted = 0;
  private onProgress: ((progress: Progress) => void) | null = null;

  private constructor(private readonly page: Page) {}

  static async open(page: Page): Promise<HeadlessPage> {
    const headless = new HeadlessPage(page);
    page.on('worker', (worker) => {
      // onnxruntime-web's threads are workers too, started from its own loader, and so are those that read files.
      if (!/\/ort\/|computeWorker/.test(worker.url())) headless.workersStarted++;
    });
    await page.exposeFunction('organscopeProgress', (progress: Progress) => {
      headless.progress.push(progress);
      headless.onProgress?.(progress);
    });
    await page.goto('./headless.html');
    await page.waitForFunction(() => 'organscope' in window);
    return headless;
  }

  /** @param file path, paths of several channels, or name and bytes */
  async choose(file: string | string[] | { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
    await this.page.setInputFiles('input', file);
  }

  /** Segments the chosen file, with the quickest of the brain models by default, and returns how it ended. */
  segment(request: Partial<HeadlessRequest> = {}): Promise<HeadlessOutcome> {
    return this.page.evaluate((r) => window.organscope.segment(r), {
      modelUrl: 'models/brain-mri-lite/',
      provider: 'wasm' as const,
      ...request,
    });
  }

  /** Segments the chosen file and returns the downloaded mask (.nii.gz) with its report; fails if there is none. */
  async mask(request: Partial<HeadlessRequest> = {}): Promise<{ mask: Buffer; report: HeadlessReport }> {
    const downloads = this.page.waitForEvent('download', { timeout: 0 });
    downloads.catch(() => undefined);
    const outcome = await this.segment(request);
    if (!outcome.ok) throw new Error(`${outcome.error.name}: ${outcome.error.message}`);
    return { mask: await readFile(await (await downloads).path()), report: outcome.report };
  }

  /** Resolves with the next progress message that `wanted` accepts. */
  next(wanted: (progress: Progress) => boolean): Promise<Progress> {
    return new Promise((resolve) => {
      this.onProgress = (progress) => {
        if (wanted(progress)) resolve(progress);
      };
    });
  }

  async cancel(): Promise<void> {
    await this.page.evaluate(() => window.organscope.cancel());
  }
}
