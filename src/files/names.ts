/** Names of the files that a user takes away. */

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
function safeName(name: string): string {
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
