/** Files the user takes away: the mask and the table of volumes. */
import type { LabelDefinition, RegionDefinition } from '../study/document';
import { type LabelSize, regionSize } from '../volume/statistics';

/** "brain_t1.nii.gz" -> "brain_t1"; other endings than .nii, .nii.gz, .hdr, .gz stay. */
export const stem = (name: string): string => name.replace(/(\.nii|\.hdr)?(\.gz)?$/i, '') || 'scan';

/** Names longer than 255 bytes cannot be stored; what is put behind the scan's name needs room too. */
const MOST_STEM_BYTES = 150;
/** Devices of Windows: no file may be called so, whatever ending it has. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])\s*(\.|$)/i;

/**
 * A name that every file system takes, from one that may come from anywhere: no folders, no control or direction marks
 * (which hide an ending), nothing that Windows refuses, no dot in front (hidden files) or behind, at most 150 bytes.
 */
export function safeName(name: string): string {
  const plain = name
    .normalize('NFC')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, '')
    .replace(/[<>:"/\\|?*]/g, '_')
    .replace(/^[.\s]+/, '');
  let short = '';
  let bytes = 0;
  for (const character of plain) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > MOST_STEM_BYTES) break;
    short += character;
  }
  const trimmed = short.replace(/[.\s]+$/, '') || 'scan';
  return RESERVED.test(trimmed) ? `_${trimmed}` : trimmed;
}

/** What a file is named after: the scan that was segmented, and what found the structures in it. */
const named = (scanName: string, by: string) => `${safeName(stem(scanName))}_${safeName(by)}`;

/** @example maskName('brain_t1.nii.gz', 'brain-mri') // 'brain_t1_brain-mri.nii.gz' */
export const maskName = (scanName: string, by: string): string => `${named(scanName, by)}.nii.gz`;

export const csvName = (scanName: string, by: string): string => `${named(scanName, by)}_volumes.csv`;

/**
 * One cell of a CSV file. Numbers as they are. Text that a spreadsheet would take for a formula gets a single quote in
 * front (OWASP, "CSV injection"); text with a separator of any country, a quote or a line break is quoted (RFC 4180).
 */
export function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(value) ? `'${value}` : value;
  return /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What the table of volumes is made from. */
export interface MeasuredStructures {
  readonly labels: readonly LabelDefinition[];
  readonly regions: readonly RegionDefinition[];
  readonly sizes: ReadonlyMap<number, LabelSize>;
  /** Names of the scans that were segmented, and of what did it. */
  readonly scans: readonly string[];
  readonly by: string;
}

/**
 * One row per label except background, then one per region; what does not occur has 0 voxels. A region's id is the ids
 * that it joins: "1+2+3". Every row names its scans and its model, so that tables can be laid end to end. Lines end in CRLF.
 */
export function volumesCsv({ labels, regions, sizes, scans, by }: MeasuredStructures): string {
  const row = (id: number | string, name: string, { voxels, ml }: LabelSize) =>
    `${[id, name, voxels, ml.toFixed(4), scans.join(' + '), by].map(csvCell).join(',')}\r\n`;
  return [
    'label_id,name,voxels,volume_ml,scan,model\r\n',
    ...labels.filter(({ id }) => id !== 0).map(({ id, name }) => row(id, name, sizes.get(id) ?? { voxels: 0, ml: 0 })),
    ...regions.map((region) =>
      row([...new Set(region.labels)].join('+'), region.name, regionSize(region.labels, sizes)),
    ),
  ].join('');
}

/** Hands a file to the browser's downloads. */
export function download(name: string, content: BlobPart, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Revoked later: the download reads the URL after the click returns.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
