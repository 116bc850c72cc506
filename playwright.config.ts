import { defineConfig } from '@playwright/test';
import { findChromium, softwareGpuArgs } from './scripts/chromium.mjs';
import { freePort } from './scripts/freePort.mjs';

// Playwright reads this file again in every worker process; the environment carries the port chosen first.
process.env.ORGANSCOPE_E2E_PORT ??= String(await freePort(4273));
const origin = `http://127.0.0.1:${process.env.ORGANSCOPE_E2E_PORT}`;

const executablePath = findChromium();
if (!executablePath) {
  throw new Error('The browser tests need Chromium or Chrome. Install one, or set CHROMIUM to its path.');
}

export default defineConfig({
  testDir: 'e2e',
  // One browser at a time and long limits: the GPU is software and the machine may have two cores.
  workers: 1,
  fullyParallel: false,
  timeout: 5 * 60_000,
  expect: { timeout: 60_000 },
  retries: 0,
  reporter: [['list'], ['./scripts/noSkips.mjs']],
  use: {
    baseURL: `${origin}/`,
    browserName: 'chromium',
    headless: true,
    viewport: { width: 1280, height: 800 },
    launchOptions: { executablePath, args: softwareGpuArgs() },
    trace: 'retain-on-failure',
    // A page that a service worker controls asks it and not the network, where page.route listens. e2e/offline.spec.ts allows it.
    serviceWorkers: 'block',
  },
  webServer: {
    command: `npx vite preview --host 127.0.0.1 --strictPort --port ${process.env.ORGANSCOPE_E2E_PORT}`,
    url: origin,
    reuseExistingServer: false,
    timeout: 120_000,
  },
});
