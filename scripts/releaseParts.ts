/** What a release is made of; `release.ts` puts it together. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reproducibleZip, type ZipEntry } from './reproducibleZip.ts';

/**
 * @param changelog in the form of Keep a Changelog
 * @returns what it says of a version, without its heading
 * @throws Error in words where it has no section for that version, or an empty one
 */
export function changelogSection(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const found = sections.find((section) => section.startsWith(`[${version}]`));
  // Addresses of the headings stand at the end of the file.
  const text = found
    ?.replace(/^.*\n/, '')
    .replace(/^\[[^\]]+\]: .*$/gm, '')
    .trim();
  if (!text) throw new Error(`CHANGELOG.md has nothing under "## [${version}]". Write what is new in it.`);
  return `${text}\n`;
}

/** @param folder read whole @param inside path of the folder in the archive, with a slash at its end or empty */
export function folderEntries(folder: string, inside = ''): ZipEntry[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const below = path.slice(folder.length + 1).replaceAll('\\', '/');
      return { path: `${inside}${below}`, bytes: readFileSync(path) };
    });
}

/**
 * @param dist the built page
 * @param time of the commit
 * @returns the archives by name: the page as a server has it, and each model apart, as the page takes it when it is dropped
 */
export function archives(dist: string, version: string, time: Date): Map<string, Uint8Array> {
  const files = new Map([[`organscope-${version}.zip`, reproducibleZip(folderEntries(dist, 'organscope/'), time)]]);
  const { models }: { models: string[] } = JSON.parse(readFileSync(join(dist, 'models/index.json'), 'utf8'));
  for (const name of models) {
    const folder = join(dist, 'models', name);
    const model = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
    files.set(`model-${name}-${model.version}.zip`, reproducibleZip(folderEntries(folder, `${name}/`), time));
  }
  return files;
}

/** @param files by name @returns lines that `sha256sum -c` reads, sorted by name */
export function sha256Sums(files: ReadonlyMap<string, Uint8Array>): string {
  const lines = [...files].map(([name, bytes]) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`);
  return lines.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join('');
}
