/** Builds the service worker (src/serviceWorker) with the list of the files that the page starts from. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

/** Of the page alone: the terminal's page and the benchmark's are none of a workstation's business. */
const SHELL = [
  'index.html',
  'assets/**/*',
  '*.js',
  '*.svg',
  'icons/*',
  'manifest.webmanifest',
  'licenses.json',
  'licenses/*',
];
const NOT_SHELL = ['assets/{bench,headless}-*', 'sw.js'];

/** The plugins: nothing in development, sw.js after a build. */
export function serviceWorker(): Plugin[] {
  let config: ResolvedConfig;
  const integrityOf = (url: string) => {
    const bytes = readFileSync(join(config.root, config.build.outDir, url));
    return `sha384-${createHash('sha384').update(bytes).digest('base64')}`;
  };
  return [
    {
      name: 'organscope:service-worker-config',
      configResolved(resolved) {
        config = resolved;
      },
    },
    ...VitePWA({
      strategies: 'injectManifest',
      srcDir: 'src/serviceWorker',
      filename: 'sw.ts',
      // Both are written by hand: public/manifest.webmanifest, src/offline/registration.ts.
      manifest: false,
      injectRegister: false,
      injectManifest: {
        rollupFormat: 'iife',
        globPatterns: SHELL,
        globIgnores: NOT_SHELL,
        maximumFileSizeToCacheInBytes: 8 << 20,
        manifestTransforms: [
          (entries) => ({ manifest: entries.map((entry) => ({ ...entry, integrity: integrityOf(entry.url) })) }),
        ],
      },
    }),
  ];
}
