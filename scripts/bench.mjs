// @ts-check
/**
 * `npm run bench`: times windows of one network on several providers, in one Chromium (each provider in a fresh page), and
 * our kernels by themselves. `--dawn` does the same in Node. Exit code 0 when every provider ran; 1 else.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseBenchArguments, usage } from './benchArguments.mjs';
import { kernelTable, providerTable } from './benchReport.mjs';
import { progressLine } from './progressLine.mjs';
import { UsageError } from './segmentArguments.mjs';
import { ensureChromium, ensureNodeModules, root } from './setup.mjs';

/** @typedef {import('./benchArguments.mjs').BenchOptions} BenchOptions */
/** @typedef {import('../bench/measure').ProviderReport} ProviderReport */
/** @typedef {import('../bench/ceilings').AdapterReport} AdapterReport */
/** @typedef {{ browser: string, adapter: AdapterReport | null, results: (ProviderReport | import('./benchReport.mjs').Failure)[] }} Measured */

/** @param {BenchOptions} options @param {(text: string) => void} show @returns {Promise<Measured>} */
async function inChromium(options, show) {
  ensureChromium();
  const { openPage, servePage } = await import('./headlessPage.mjs');
  const server = await servePage(options.model, 'bench.html');
  /** @type {import('@playwright/test').Browser | undefined} */
  let browser;
  try {
    // Timestamps to the nanosecond, not to 0.1 ms as pages get them.
    // And dispatches of minutes, which a software adapter needs for ONNX Runtime's convolutions.
    const args = ['--disable-dawn-features=timestamp_quantization', '--disable-gpu-watchdog'];
    const opened = await openPage(server.url, 'webgpu', { ready: 'organscopeBench', args });
    browser = opened.browser;
    show('measuring the adapter');
    const adapter = await opened.page.evaluate(() => window.organscopeBench.adapter());
    await opened.page.close();
    /** @type {Measured['results']} */
    const results = [];
    for (const provider of options.providers)
      results.push(await measureInPage(browser, server.url, provider, options, show));
    return { browser: `Chromium ${browser.version()}`, adapter, results };
  } finally {
    await browser?.close();
    await server.close();
  }
}

/**
 * @param {import('@playwright/test').Browser} browser
 * @param {string} url
 * @param {BenchOptions['providers'][number]} provider
 * @param {BenchOptions} options
 * @param {(text: string) => void} show
 */
async function measureInPage(browser, url, provider, { windows, timeoutS }, show) {
  const page = await browser.newPage();
  let step = 'loading';
  await page.exposeFunction('organscopeBenchStep', (/** @type {string} */ text) => {
    step = text;
    show(`${provider}: ${text}`);
  });
  const processes = await browser.newBrowserCDPSession();
  await page.exposeFunction('organscopeBenchCpuMs', async () => {
    const { processInfo } = await processes.send('SystemInfo.getProcessInfo');
    return 1000 * processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  });
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  try {
    await page.goto(url);
    await page.waitForFunction(() => 'organscopeBench' in window);
    const timeout = new Promise((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`not finished after ${timeoutS} s; it was at: ${step}`)),
        timeoutS * 1000,
      );
    });
    const measured = page.evaluate((request) => window.organscopeBench.measure(request), {
      provider,
      windows,
      kernels: provider.startsWith('wgsl'),
    });
    return /** @type {ProviderReport} */ (await Promise.race([measured, timeout]));
  } catch (error) {
    return { provider, failed: `${/** @type {Error} */ (error).message.split('\n')[0]}` };
  } finally {
    clearTimeout(timer);
    await processes.detach();
    // A page inside a long call does not answer; it goes with the browser.
    page.close().catch(() => undefined);
  }
}

/** @returns {string} e.g. '0123abcd', with '+' when files differ from it; 'unknown' outside a checkout */
function commit() {
  try {
    const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--untracked-files=no') ? '+' : '');
  } catch {
    return 'unknown';
  }
}

/** @param {BenchOptions} options */
async function bench(options) {
  ensureNodeModules();
  const line = progressLine(process.stderr);
  const show = (/** @type {string} */ text) => line.show(text);
  const measured = await (options.dawn
    ? (await import('./benchDawn.mjs')).inDawn(options, show)
    : inChromium(options, show));
  line.clear();
  const name = basename(options.model);
  const patchDhw = measured.results.find((result) => 'patchDhw' in result)?.patchDhw ?? [];
  const report = {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    ...{ model: name, patchDhw, windows: options.windows },
    ...measured,
  };
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);

  const { adapter, results, browser } = measured;
  console.log(`${name}, ${patchDhw.join(' x ')} a window; ${browser}, ${report.date}, commit ${report.commit}`);
  if (adapter) {
    const { vendor, architecture, description, ceilings } = adapter;
    const device = [vendor, architecture, description && `(${description})`].filter(Boolean).join(' ');
    console.log(
      `${device}: at most ${ceilings.gflops.toFixed(1)} GFLOP/s, ${ceilings.gbytes.toFixed(1)} GB/s (measured)`,
    );
  }
  if (options.dawn && !adapter)
    console.log('Dawn found no Vulkan driver. Install one, or Chromium, whose SwiftShader serves any machine.');
  console.log(`\n${providerTable(results)}`);
  for (const result of results)
    if ('note' in result && result.note) console.log(`${result.provider}: ${result.note}\n`);
  for (const result of results) {
    if (!('kernels' in result) || result.kernels.length === 0) continue;
    console.log(`Kernels of ${result.provider}, one window, each by itself (${result.clock}):`);
    console.log(kernelTable(result.kernels, adapter?.ceilings ?? null));
  }
  if (results.some((result) => 'failed' in result)) process.exitCode = 1;
}

try {
  await bench(parseBenchArguments(process.argv.slice(2), join(root, 'public/models')));
} catch (error) {
  const sentence = (error instanceof Error ? error.message : String(error)).split('\n')[0];
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? `${sentence} Usage: ${usage}` : sentence);
  process.exitCode = isUsage ? 2 : 1;
}
