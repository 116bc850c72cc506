import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import packageFile from './package.json' with { type: 'json' };
import { findChromium, softwareGpuArgs } from './scripts/chromium.mjs';
import { contentSecurityPolicy } from './scripts/contentSecurityPolicy.ts';
import { thirdPartyLicenses } from './scripts/licenses.ts';
import { NoSkipsInVitest } from './scripts/noSkips.mjs';
import { isolationHeaders, responseHeaders } from './scripts/responseHeaders.ts';
import { runtimeAddresses, serveRuntimeFiles } from './scripts/runtimeFiles.ts';
import { serviceWorker } from './scripts/serviceWorker.ts';
import { softwareVulkanEnvironment } from './scripts/softwareVulkan.mjs';

/** Tests that run WGSL, in Node through Dawn. */
const GPU_TESTS = 'src/**/*.gpu.test.ts';
/** Tests of interface parts, in a real browser: `npm run test:components`. */
const BROWSER_TESTS = 'src/**/*.browser.test.{ts,tsx}';

// For GPU_TESTS: vitest's worker processes inherit where its Vulkan driver is.
if (process.env.VITEST) Object.assign(process.env, softwareVulkanEnvironment());

const licenses = thirdPartyLicenses();
/** Declared in src/buildConstants.d.ts. */
const buildConstants = {
  __VERSION__: JSON.stringify(packageFile.version),
  __RESPONSE_HEADERS__: JSON.stringify(responseHeaders),
  __RUNTIME_FILES__: JSON.stringify(runtimeAddresses),
};

export default defineConfig({
  base: './',
  define: buildConstants,
  // Several pages and no client-side routes: a missing file must be a 404, not index.html.
  appType: 'mpa',
  // The policy first: its header is for every answer, whoever gives it.
  plugins: [contentSecurityPolicy(), react(), serveRuntimeFiles(), licenses.page, serviceWorker()],
  resolve: {
    // Without this condition onnxruntime-web inlines its loader and Vite bundles a second copy of the 27 MB wasm.
    conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
  },
  // Pre-bundling rewrites import.meta.url inside onnxruntime-web, which it uses to start its threads.
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  worker: {
    format: 'es',
    plugins: () => [licenses.worker],
    // Each worker is one script. The policy's worker-src forbids network addresses, and Firefox holds it against whatever a
    // chunk of a worker imports statically, such as the bundler's own helpers.
    rolldownOptions: { output: { codeSplitting: false } },
  },
  server: { headers: isolationHeaders },
  preview: { headers: responseHeaders, port: 4173 },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 2000,
    reportCompressedSize: false,
    rolldownOptions: { input: ['index.html', 'headless.html', 'bench.html'], checks: { pluginTimings: false } },
  },
  test: {
    environment: 'node',
    // Generous: a shared machine can be ten times slower, and no test is about speed.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    reporters: ['default', new NoSkipsInVitest()],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
          exclude: ['**/node_modules/**', GPU_TESTS, BROWSER_TESTS],
        },
      },
      { extends: true, test: { name: 'gpu', include: [GPU_TESTS] } },
      // Not extended: the policy and the runtime's files are for whole pages.
      {
        plugins: [react()],
        define: buildConstants,
        // Found while a test runs, a package would be bundled then and the page loaded again in the middle of the test.
        optimizeDeps: {
          include: [
            'react-dom/client',
            'react/jsx-dev-runtime',
            'react-aria-components',
            'react-markdown',
            'remark-gfm',
            'vitest-browser-react',
            'zustand',
            'zustand/vanilla',
            'zod',
            '@lingui/core',
            '@lingui/message-utils/compileMessage',
            'fflate',
            'pako',
            'nifti-reader-js',
            'three',
          ],
        },
        test: {
          name: 'components',
          include: [BROWSER_TESTS],
          testTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath: findChromium() ?? undefined, args: softwareGpuArgs() },
            }),
            instances: [{ browser: 'chromium', viewport: { width: 1280, height: 800 } }],
          },
        },
      },
    ],
  },
});
