import type { Plugin } from 'vite';

/**
 * What the built page may load. `'self'` everywhere is the privacy promise in a form the browser enforces: a script
 * in this page cannot send a scan to another machine.
 * - 'wasm-unsafe-eval': compiling ONNX Runtime's WebAssembly.
 * - worker-src blob: ONNX Runtime's threads start from blob URLs in some browsers.
 * - style-src 'unsafe-inline': React style attributes.
 */
const policy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "img-src 'self' blob: data:",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self' blob: data:",
].join('; ');

/** Adds the policy to every built page. Development is left alone: hot reload needs inline scripts. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'organscope:content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' },
    ],
  };
}
