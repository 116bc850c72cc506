// @ts-check
/** headless.html or bench.html in a browser nobody sees: built when needed, served on this machine only, with the best GPU there is. */
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { findChromium, softwareGpuArgs } from './chromium.mjs';
import { freePort } from './freePort.mjs';
import { root } from './setup.mjs';

/** @param {string} path newest modification below a file or folder, ms @returns {number} */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Whether dist is missing or older than what it is made of. */
function buildIsStale() {
  const built = join(root, 'dist/bench.html');
  if (!existsSync(built)) return true;
  const sources = [
    'src',
    'bench',
    'bench.html',
    'headless.html',
    'index.html',
    'vite.config.ts',
    'package-lock.json',
    'scripts/contentSecurityPolicy.ts',
    'scripts/runtimeFiles.ts',
    'scripts/serviceWorker.ts',
  ];
  return Math.max(...sources.map((source) => newest(join(root, source)))) > statSync(built).mtimeMs;
}

/**
 * Serves the built page and one model folder on 127.0.0.1.
 * @param {string} modelFolder served below model/
 * @param {'headless.html' | 'bench.html'} page
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} the page's address
 */
export async function servePage(modelFolder, page = 'headless.html') {
  process.chdir(root); // where Vite looks for its configuration
  const { build, preview } = await import('vite');
  if (buildIsStale()) await build({ logLevel: 'error' });
  const port = await freePort(43_500 + Math.floor(Math.random() * 1000));
  const server = await preview({
    logLevel: 'error',
    preview: { host: '127.0.0.1', port, strictPort: true },
    plugins: [
      {
        name: 'organscope:command-line-model',
        configurePreviewServer({ middlewares }) {
          middlewares.use('/model/', (request, response) => {
            // Only files directly in the folder: basename drops every way out of it.
            const file = join(modelFolder, basename(new URL(`http://localhost${request.url ?? '/'}`).pathname));
            if (!existsSync(file) || !statSync(file).isFile()) {
              response.statusCode = 404;
              return response.end();
            }
            const type = file.endsWith('.json') ? 'application/json' : 'application/octet-stream';
            response.setHeader('Content-Type', type);
            createReadStream(file).pipe(response);
          });
        },
      },
    ],
  });
  return { url: `http://127.0.0.1:${port}/${page}`, close: () => server.close() };
}

const SOFTWARE_ADAPTER = '--use-webgpu-adapter=swiftshader';

/**
 * Opens the page. A real graphics adapter is preferred; SwiftShader stands in where WebGPU was asked for and there is
 * none, or when ORGANSCOPE_SOFTWARE_GPU=1.
 * @param {string} url
 * @param {import('./segmentArguments.mjs').Provider} provider
 * @param {{ ready?: string, args?: readonly string[] }} [options] global that the page sets when it is ready; browser switches
 */
export async function openPage(url, provider, { ready = 'organscope', args = [] } = {}) {
  const executablePath = findChromium();
  if (!executablePath) throw new Error('Chromium or Chrome is needed. Install one, or set CHROMIUM to its path.');
  const { chromium } = await import('@playwright/test');
  const open = async (/** @type {boolean} */ software) => {
    const common = softwareGpuArgs().filter((arg) => arg !== SOFTWARE_ADAPTER);
    const gpu = software ? [SOFTWARE_ADAPTER] : ['--enable-features=Vulkan', '--ignore-gpu-blocklist'];
    const browser = await chromium.launch({ executablePath, args: [...common, ...gpu, ...args] });
    const page = await browser.newPage();
    await page.goto(url);
    await page.waitForFunction((name) => name in window, ready);
    return { browser, page };
  };
  if (process.env.ORGANSCOPE_SOFTWARE_GPU === '1') return open(true);
  const opened = await open(false);
  if (provider === 'auto' || provider === 'wasm') return opened;
  const hasAdapter = await opened.page.evaluate(async () =>
    Boolean(await navigator.gpu?.requestAdapter().catch(() => null)),
  );
  if (hasAdapter) return opened;
  await opened.browser.close();
  return open(true);
}
