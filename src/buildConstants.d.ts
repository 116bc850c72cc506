/** Values that the build puts into the sources (`define` in vite.config.ts). */

/** Of Organscope, as in package.json. */
declare const __VERSION__: string;

/** What every server of the page has to say: scripts/responseHeaders.ts. */
declare const __RESPONSE_HEADERS__: Readonly<Record<string, string>>;

/** Addresses of files that keep their names, relative to the page: scripts/runtimeFiles.ts. */
declare const __RUNTIME_FILES__: {
  /** Folder with onnxruntime-web's own files, with a slash at the end. */
  readonly ort: string;
  /** The sample scans, by file name. */
  readonly demo: Readonly<Record<string, string>>;
  /** All of them, each with what it is for, its size and checksum. */
  readonly files: readonly import('./core/runtimeFile').RuntimeFile[];
};
