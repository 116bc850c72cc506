// @ts-check
/**
 * `npm run segment -- scan.nii.gz --model brain-mri --out mask.nii.gz`: the page's segmentation without a window.
 * Exit code 0 only with a mask written; 1 with one line on stderr that says what went wrong; 2 for a wrong command; 3 with a
 * mask written that may be wrong, where `--strict` asks for it. Warnings are said on stderr before the run.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { progressLine, progressText } from './progressLine.mjs';
import { parseSegmentArguments, UsageError, usage } from './segmentArguments.mjs';
import { ensureChromium, ensureNodeModules, root } from './setup.mjs';

/** @typedef {import('./segmentArguments.mjs').SegmentOptions} SegmentOptions */

/** @param {SegmentOptions} options */
async function segment(options) {
  ensureNodeModules();
  ensureChromium();
  const { openPage, servePage } = await import('./headlessPage.mjs');
  const line = progressLine(process.stdout);
  line.show('opening the page');
  const server = await servePage(options.model);
  /** @type {import('@playwright/test').Browser | undefined} */
  let browser;
  // A file that appears under its final name is complete: it is written beside it first.
  const unfinished = join(options.out, `../.${process.pid}-${basename(options.out)}`);
  try {
    const opened = await openPage(server.url, options.provider);
    browser = opened.browser;
    const { page } = opened;
    let crashed = false;
    page.on('crash', () => {
      crashed = true;
      browser?.close();
    });
    let planned = '';
    await page.exposeFunction('organscopeProgress', (/** @type {any} */ progress) => {
      if (progress.memory && progress.memory.text !== planned) {
        planned = progress.memory.text;
        line.clear();
        console.log(planned);
      }
      line.show(progressText(progress));
    });
    await page.exposeFunction('organscopeWarning', (/** @type {{ message: string }} */ warning) => {
      line.clear();
      console.error(`Warning: ${warning.message}`);
    });
    await page.setInputFiles('input', options.inputs);
    const downloads = page.waitForEvent('download', { timeout: 0 });
    downloads.catch(() => undefined);
    const outcome = await page
      .evaluate((request) => window.organscope.segment(request), {
        modelUrl: 'model/',
        provider: options.provider,
        mirror: options.mirror,
        precision: options.precision,
      })
      .catch((error) => {
        throw crashed ? new Error('The browser ran out of memory or crashed. Try a smaller scan.') : error;
      });
    if (!outcome.ok) throw new Error(outcome.error.message);
    await (await downloads).saveAs(unfinished);
    if (!/\.gz$/i.test(options.out)) writeFileSync(unfinished, gunzipSync(readFileSync(unfinished)));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const report = {
      app: { name: 'organscope', version },
      inputs: options.inputs,
      mask: options.out,
      ...outcome.report,
    };
    if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    renameSync(unfinished, options.out);
    line.clear();
    const { provider, timings, placement } = outcome.report;
    if (options.plan)
      console.log(placement?.join('\n') ?? 'ONNX Runtime runs the whole model; there is nothing to divide.');
    console.log(
      `${options.out}: ${timings.windows} windows in ${(timings.totalMs / 1000).toFixed(1)} s on ${provider.provider} (${provider.adapter}). ${provider.reason}`,
    );
    if (options.strict && outcome.report.warnings.length > 0) process.exitCode = 3;
  } finally {
    line.clear();
    rmSync(unfinished, { force: true });
    await browser?.close();
    await server.close();
  }
}

try {
  await segment(parseSegmentArguments(process.argv.slice(2), join(root, 'public/models')));
} catch (error) {
  const sentence = (error instanceof Error ? error.message : String(error)).split('\n')[0];
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? `${sentence} Usage: ${usage}` : sentence);
  process.exitCode = isUsage ? 2 : 1;
}
