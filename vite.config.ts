import react from '@vitejs/plugin-react';
import { defaultClientConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { contentSecurityPolicy } from './scripts/contentSecurityPolicy.ts';
import { NoSkipsInVitest } from './scripts/noSkips.mjs';
import { serveRuntimeFiles } from './scripts/runtimeFiles.ts';
import { softwareVulkanEnvironment } from './scripts/softwareVulkan.mjs';

// WebAssembly threads share memory, and browsers hand out SharedArrayBuffer only to a page that is cross-origin
// isolated. Without these two headers everything still works, but the CPU provider runs on one thread.
const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

// Tests in *.gpu.test.ts run WGSL through Dawn; vitest's worker processes inherit where its Vulkan driver is.
if (process.env.VITEST) Object.assign(process.env, softwareVulkanEnvironment());

export default defineConfig({
  base: './',
  // Several pages and no client-side routes: a missing file must be a 404, not index.html.
  appType: 'mpa',
  // The policy first: its header is for every answer, whoever gives it.
  plugins: [contentSecurityPolicy(), react(), serveRuntimeFiles()],
  resolve: {
    // Without this condition onnxruntime-web inlines its loader and Vite bundles a second copy of the 27 MB wasm.
    conditions: ['onnxruntime-web-use-extern-wasm', ...defaultClientConditions],
  },
  // Pre-bundling rewrites import.meta.url inside onnxruntime-web, which it uses to start its threads.
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  worker: { format: 'es' },
  server: { headers: isolationHeaders },
  preview: { headers: isolationHeaders, port: 4173 },
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
    include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
  },
});
