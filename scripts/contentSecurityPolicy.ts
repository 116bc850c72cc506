import type { Plugin } from 'vite';

/**
 * What the built pages and their workers may load and reach. `'self'` everywhere is the privacy promise in a form that
 * the browser enforces: a script in this page cannot send a scan to another machine. What no policy can forbid still leaves,
 * from the page's thread alone: a navigation and, where no headers are sent, a window on a plain file of this origin, both
 * of which the user sees; and WebRTC.
 * - 'wasm-unsafe-eval': compiling ONNX Runtime's WebAssembly.
 * - worker-src blob: alone, because such workers inherit this policy (src/workers/boundWorker.ts). One started from a
 *   network address would have none where the host sends no headers.
 * - frame-src 'none': a frame around a plain file of this origin would have no policy, and could be scripted from here.
 * - base-uri, form-action, object-src: what default-src does not cover, or covers too widely.
 * - style-src 'unsafe-inline': React style attributes.
 */
const policy = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  'worker-src blob:',
  "connect-src 'self' blob: data:",
  "img-src 'self' blob: data:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "frame-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Only a header can say who may show the page in a frame. */
export const headerPolicy = `${policy}; frame-ancestors 'self'`;

/**
 * Adds the policy to every built page, and as a header to whatever `vite preview` serves, scripts above all: the header
 * is what binds a worker that somebody starts from a network address. Development is left alone: hot reload needs
 * inline scripts.
 */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'organscope:content-security-policy',
    apply: (_, { command, isPreview }) => command === 'build' || isPreview === true,
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: policy }, injectTo: 'head-prepend' },
    ],
    configurePreviewServer({ middlewares }) {
      middlewares.use((_request, response, next) => {
        response.setHeader('Content-Security-Policy', headerPolicy);
        next();
      });
    },
  };
}
