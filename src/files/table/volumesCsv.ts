/** The table of volumes: a row for each structure. */
import type { LabelDefinition, RegionDefinition } from '../../study/document';
import { type LabelSize, regionSize } from '../../volume/statistics';

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
  readonly labels: readonly Pick<LabelDefinition, 'id' | 'name'>[];
  readonly regions: readonly Pick<RegionDefinition, 'name' | 'labels'>[];
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
