/**
 * `npm run portable`: release/organscope-VERSION-portable.zip, the built page with a small server for each system that needs
 * no installation (hosting/portable/). The same build gives the same bytes.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folderEntries } from './releaseParts.ts';
import { reproducibleZip, type ZipEntry } from './reproducibleZip.ts';
import {
  CACHE_HASHED,
  CACHE_OTHERS,
  DEFAULT_TYPE,
  HASHED_NAME,
  mediaTypes,
  responseHeaders,
} from './responseHeaders.ts';
import { root } from './setup.mjs';

/** What Windows starts or opens has its line ends. */
const CRLF = /\.(cmd|ps1|txt)$/;
/** The tables beside the servers are read by all of them. */
const TABLE = /^server\/\w+\.txt$/;
const EXECUTABLE = /\.(sh|command)$/;

/** Lines "key: value", as serve.py, serve.pl and serve.ps1 read them. */
function table(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}

/** The starters, the servers and what they send, by path. */
function programs(version: string): Map<string, string> {
  const folder = join(root, 'hosting/portable');
  const texts = folderEntries(folder).map(({ path, bytes }) => [path, new TextDecoder().decode(bytes)] as const);
  return new Map([
    ...texts.map(([path, text]) => [path, text.replaceAll('\r\n', '\n').replace('@VERSION@', version)] as const),
    ['LICENSE', readFileSync(join(root, 'LICENSE'), 'utf8')],
    ['server/headers.txt', table(responseHeaders)],
    ['server/types.txt', table({ ...mediaTypes, '*': DEFAULT_TYPE })],
    ['server/cache.txt', table({ pattern: HASHED_NAME, hashed: CACHE_HASHED, others: CACHE_OTHERS })],
  ]);
}

/**
 * The zip's bytes. All of it lies in one folder, organscope-VERSION.
 * @param dist the built page
 * @param time of all files in it; another one for every version (see reproducibleZip)
 */
export function portableZip(dist: string, version: string, time: Date): Uint8Array {
  const top = `organscope-${version}`;
  const encoder = new TextEncoder();
  const ours = [...programs(version)].map(([path, text]): ZipEntry => {
    const lines = CRLF.test(path) && !TABLE.test(path) ? text.replaceAll('\n', '\r\n') : text;
    return { path: `${top}/${path}`, bytes: encoder.encode(lines), executable: EXECUTABLE.test(path) };
  });
  return reproducibleZip([...ours, ...folderEntries(dist, `${top}/app/`)], time);
}

/** When this version was committed: SOURCE_DATE_EPOCH where it is set, else the time of the checkout's commit. */
export function commitTime(): Date {
  const seconds =
    process.env.SOURCE_DATE_EPOCH ??
    execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  return new Date(1000 * Number(seconds));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const bytes = portableZip(join(root, 'dist'), version, commitTime());
  const file = join(root, 'release', `organscope-${version}-portable.zip`);
  mkdirSync(join(root, 'release'), { recursive: true });
  writeFileSync(file, bytes);
  console.log(`${relative(root, file)}: ${(bytes.length / 1e6).toFixed(1)} MB`);
}
