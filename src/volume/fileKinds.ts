/** What a file really is when it is not a NIfTI volume, so that the message can say what to do with it. */

interface FileKind {
  readonly magic: string;
  readonly offset?: number;
  /** "This is ..." */
  readonly what: string;
  readonly advice: string;
}

const PICTURE = 'Organscope needs the volume itself: export the scan as NIfTI (.nii or .nii.gz), not as a picture.';
const UNPACK = 'Unpack it and open the .nii or .nii.gz file inside.';
const CONVERT = 'Convert it to NIfTI (.nii.gz), for example with ITK-SNAP or 3D Slicer.';

const KINDS: readonly FileKind[] = [
  { magic: '\xff\xd8\xff', what: 'a JPEG picture', advice: PICTURE },
  { magic: '\x89PNG', what: 'a PNG picture', advice: PICTURE },
  { magic: 'GIF8', what: 'a GIF picture', advice: PICTURE },
  { magic: 'II*\0', what: 'a TIFF picture', advice: PICTURE },
  { magic: 'MM\0*', what: 'a TIFF picture', advice: PICTURE },
  {
    magic: 'DICM',
    offset: 128,
    what: 'a DICOM file',
    advice: 'Convert the series to NIfTI, for example with dcm2niix.',
  },
  { magic: 'PK\x03\x04', what: 'a zip archive', advice: UNPACK },
  { magic: 'ustar', offset: 257, what: 'a tar archive', advice: UNPACK },
  { magic: '7z\xbc\xaf', what: 'a 7-Zip archive', advice: UNPACK },
  { magic: '\xfd7zXZ', what: 'an xz archive', advice: UNPACK },
  { magic: 'BZh', what: 'a bzip2 archive', advice: UNPACK },
  { magic: '\x28\xb5\x2f\xfd', what: 'a zstd archive', advice: UNPACK },
  { magic: '\x1f\x8b', what: 'a gzip file inside another one', advice: 'Unpack it once and open the result.' },
  { magic: 'NRRD0', what: 'an NRRD volume', advice: CONVERT },
  { magic: 'ObjectType', what: 'a MetaImage header', advice: CONVERT },
  { magic: '\x89HDF', what: 'an HDF5 or MINC file', advice: CONVERT },
  { magic: '%PDF', what: 'a PDF document', advice: PICTURE },
  { magic: '<!DOC', what: 'a web page', advice: 'The download probably failed: fetch the scan again.' },
  { magic: '<html', what: 'a web page', advice: 'The download probably failed: fetch the scan again.' },
  { magic: 'version https://git-lfs', what: 'a Git LFS pointer', advice: 'Fetch the real file with "git lfs pull".' },
];

/**
 * Names a file by its first bytes.
 * @param head at least the first 264 bytes, or the whole file when it is shorter
 * @returns null when nothing known begins like this
 */
export function recognise(head: Uint8Array): { readonly what: string; readonly advice: string } | null {
  const matches = ({ magic, offset = 0 }: FileKind) =>
    head.length >= offset + magic.length && [...magic].every((c, i) => head[offset + i] === c.charCodeAt(0));
  return KINDS.find(matches) ?? null;
}
