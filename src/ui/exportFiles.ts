/** Files the user takes away: the mask and the table of volumes. */
import type { Label } from '../inference/model/manifest';

/** "brain_t1.nii.gz" -> "brain_t1"; other endings than .nii, .nii.gz, .gz stay. */
export const stem = (name: string): string => name.replace(/(\.nii)?(\.gz)?$/i, '') || 'scan';

/** @example maskName('brain_t1.nii.gz', 'brain-mri') // 'brain_t1_brain-mri.nii.gz' */
export const maskName = (scanName: string, modelName: string): string => `${stem(scanName)}_${modelName}.nii.gz`;

export const csvName = (scanName: string, modelName: string): string => `${stem(scanName)}_${modelName}_volumes.csv`;

/** RFC 4180: quoted when needed, quotes doubled. */
const cell = (value: string | number): string => {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** One row per label of the model except background; a label that does not occur has 0 voxels. Lines end in CRLF. */
export function volumesCsv(
  labels: readonly Label[],
  voxels: ReadonlyMap<number, number>,
  ml: ReadonlyMap<number, number>,
): string {
  const rows = labels
    .filter(({ id }) => id !== 0)
    .map(({ id, name }) => [id, name, voxels.get(id) ?? 0, (ml.get(id) ?? 0).toFixed(4)]);
  return [['label_id', 'name', 'voxels', 'volume_ml'], ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
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
