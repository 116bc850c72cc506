/**
 * What every server of the built page has to say: `vite preview`, those of the portable folder, and the examples in
 * hosting/, which a test holds against this.
 */
import { headerPolicy } from './contentSecurityPolicy.ts';

/**
 * WebAssembly threads share memory, and browsers hand out SharedArrayBuffer only to a page that is cross-origin isolated.
 * Without these two headers everything still works, but the CPU provider runs on one thread.
 */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
} as const;

/** Of every answer, errors too. */
export const responseHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': headerPolicy,
  ...isolationHeaders,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  // Names that Chromium knows: it complains of others on the console.
  'Permissions-Policy': ['camera', 'microphone', 'geolocation', 'display-capture', 'usb', 'serial', 'hid']
    .map((feature) => `${feature}=()`)
    .join(', '),
};

/** Of the built files, by the end of their names. All others, pieces of models above all, are DEFAULT_TYPE. */
export const mediaTypes: Readonly<Record<string, string>> = {
  css: 'text/css',
  // A .nii.gz is a file of its own: with `Content-Encoding: gzip` the browser would unpack it.
  gz: 'application/gzip',
  html: 'text/html',
  js: 'text/javascript',
  json: 'application/json',
  md: 'text/markdown',
  mjs: 'text/javascript',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  wasm: 'application/wasm',
  webmanifest: 'application/manifest+json',
};

export const DEFAULT_TYPE = 'application/octet-stream';

/** Names that change with what is in the file, as Vite gives them: assets/NAME-HASH.js. A regular expression of all servers. */
export const HASHED_NAME = '/assets/[^/]+-[A-Za-z0-9_-]{8}\\.(css|js)$';

export const CACHE_HASHED = 'public, max-age=31536000, immutable';
/** Kept, but asked for each time: index.html, sw.js and manifest decide which version the browser has. */
export const CACHE_OTHERS = 'no-cache';
