/** `npm run devices -- report.json`: checks a device report that was sent in, and adds its row to docs/devices.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { deviceReportSchema, deviceRow } from '../src/state/deviceReport.ts';

const DOCUMENT = new URL('../docs/devices.md', import.meta.url);

/**
 * @param document docs/devices.md, whose last line is a row of its table
 * @param json the file that was sent in
 * @returns the document with one more row
 * @throws where the file is no report, has anything more in it, or is there already
 */
export function withDevice(document: string, json: string): string {
  const row = deviceRow(deviceReportSchema.parse(JSON.parse(json)));
  if (document.split('\n').includes(row)) throw new Error('docs/devices.md has this row already.');
  return `${document.trimEnd()}\n${row}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [path] = process.argv.slice(2);
  if (!path) throw new Error('Which report? npm run devices -- report.json');
  writeFileSync(DOCUMENT, withDevice(readFileSync(DOCUMENT, 'utf8'), readFileSync(path, 'utf8')));
}
