import { type ZipAttributes, type Zippable, zipSync } from 'fflate';

/** A file of an archive. */
export interface ZipEntry {
  /** Path inside, with `/`. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Whether macOS and Linux may start it. */
  readonly executable?: boolean;
}

/** In a zip's headers: made on Unix, so that the permissions of its entries count. */
const UNIX = 3;
const REGULAR_FILE = 0o100000;

/** What hardly gets smaller: float16 weights (8 %, and 8 s for the bundled ones) and what is compressed already. */
const STORED = /\.(gz|zip|png)$|\.onnx(\.\d+)?$/;

/**
 * A zip whose bytes depend on nothing but its arguments: entries sorted by path, one time for all of them, no extra fields.
 *
 * Web servers take a file's time and size for its version. So two releases must not have the same time, or a file that
 * changed without growing, such as index.html with other hashes in it, would be taken for the old one.
 * @param time of every entry, shown as UTC; a zip keeps it to 2 seconds, from 1980 on
 * @throws Error where two entries have one path
 */
export function reproducibleZip(entries: readonly ZipEntry[], time: Date): Uint8Array {
  // fflate writes local time, and a zip has no zone: the clock here that shows what UTC's shows then.
  const [y, month, d, h, min, s] = time.toISOString().split(/\D/, 6).map(Number);
  const mtime = new Date(y, month - 1, d, h, min, s);
  const files: Zippable = {};
  for (const { path, bytes, executable } of [...entries].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (Object.hasOwn(files, path)) throw new Error(`Two files of the archive have the path "${path}".`);
    const attributes: ZipAttributes = { os: UNIX, attrs: (REGULAR_FILE | (executable ? 0o755 : 0o644)) << 16, mtime };
    files[path] = [bytes, { ...attributes, level: STORED.test(path) ? 0 : 9 }];
  }
  return zipSync(files);
}
