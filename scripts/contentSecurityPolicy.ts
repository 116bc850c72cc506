import type { Plugin } from 'vite';

/**
 * What the built pages and their workers may load and reach. `'self'` everywhere is the privacy promise in a form that
 * the browser enforces: a script in this page cannot send a scan to another machine. What no policy can forbid still leaves,
 * from the page's thread alone: a navigation and, where neither the server nor our service worker sends headers (a first
 * visit to a plain static host), a window on a plain file of this origin, both of which the user sees; and WebRTC.
 * - 'wasm-unsafe-eval': compiling ONNX Runtime's WebAssembly.
 * - worker-src blob: because such workers inherit this policy (src/workers/boundWorker.ts). One started from a network
 *   address would have none where the host sends no headers. 'self' is for the service worker, whose full address no build
 *   knows: the page's first script takes it back for all but that (public/workersOnlyFrom.js).
 * - frame-src 'none': a frame around a plain file of this origin would have no policy, and could be scripted from here.
 * - base-uri, form-action, object-src: what default-src does not cover, or covers too widely.
 * - style-src 'unsafe-inline': React style attributes.
 */
const policyWith = (workers: string) =>
  [
    "default-src 'self'",
    "script-src 'self' 'wasm-unsafe-eval'",
    `worker-src ${workers}`,
    "connect-src 'self' blob: data:",
    "img-src 'self' blob: data:",
    "style-src 'self' 'unsafe-inline'",
    "object-src 'none'",
    "frame-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');

/** Of the page that registers the service worker. */
const withServiceWorker = policyWith("'self' blob:");
/** Of the others. */
const withoutServiceWorker = policyWith('blob:');

/** For every answer. Only a header can say who may show the page in a frame. */
export const headerPolicy = `${withServiceWorker}; frame-ancestors 'self'`;

/**
 * Adds the policy to every built page, and as a header to whatever `vite preview` serves, scripts above all: the header
 * is what binds a worker that somebody starts from a network address. Development is left alone: hot reload needs
 * inline scripts.
 */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'organscope:content-security-policy',
    apply: (_, { command, isPreview }) => command === 'build' || isPreview === true,
    transformIndexHtml: (_, { path }) => {
      const content = path === '/index.html' ? withServiceWorker : withoutServiceWorker;
      return [{ tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content }, injectTo: 'head-prepend' }];
    },
    configurePreviewServer({ middlewares }) {
      middlewares.use((_request, response, next) => {
        response.setHeader('Content-Security-Policy', headerPolicy);
        next();
      });
    },
  };
}
