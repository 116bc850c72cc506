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
const MINC = 'Convert it to NIfTI, for example with mnc2nii.';
const CONVERT = 'Convert it to NIfTI (.nii.gz), for example with ITK-SNAP or 3D Slicer.';

const DICOM = { what: 'a DICOM file', advice: 'Convert the series to NIfTI, for example with dcm2niix.' };

const KINDS: readonly FileKind[] = [
  { magic: '\xff\xd8\xff', what: 'a JPEG picture', advice: PICTURE },
  { magic: '\x89PNG', what: 'a PNG picture', advice: PICTURE },
  { magic: 'GIF8', what: 'a GIF picture', advice: PICTURE },
  { magic: 'II*\0', what: 'a TIFF picture', advice: PICTURE },
  { magic: 'MM\0*', what: 'a TIFF picture', advice: PICTURE },
  { magic: 'DICM', offset: 128, ...DICOM },
  // Without the preamble: the first elements of old and of streamed files.
  { magic: '\x08\0\x05\0', ...DICOM },
  { magic: '\x08\0\0\0', ...DICOM },
  { magic: '\x02\0\0\0UL', ...DICOM },
  { magic: 'PK\x03\x04', what: 'a zip archive', advice: UNPACK },
  { magic: 'ustar', offset: 257, what: 'a tar archive', advice: UNPACK },
  { magic: '7z\xbc\xaf', what: 'a 7-Zip archive', advice: UNPACK },
  { magic: '\xfd7zXZ', what: 'an xz archive', advice: UNPACK },
  { magic: 'BZh', what: 'a bzip2 archive', advice: UNPACK },
  { magic: '\x28\xb5\x2f\xfd', what: 'a zstd archive', advice: UNPACK },
  { magic: '\x1f\x8b', what: 'a gzip file inside another one', advice: 'Unpack it once and open the result.' },
  { magic: 'NRRD', what: 'an NRRD volume', advice: CONVERT },
  { magic: '\x89HDF', what: 'a MINC or other HDF5 file', advice: MINC },
  { magic: 'CDF\x01', what: 'a MINC or other netCDF file', advice: MINC },
  { magic: 'CDF\x02', what: 'a MINC or other netCDF file', advice: MINC },
  {
    magic: '# === DATA DESCRIPTION FILE',
    what: 'the header of a Philips PAR/REC pair',
    advice: 'Convert both files to NIfTI, for example with dcm2niix.',
  },
  { magic: 'MATRIX7', what: 'an ECAT 7 volume', advice: CONVERT },
  { magic: 'Rar!', what: 'a RAR archive', advice: UNPACK },
  { magic: 'MATLAB 5.0', what: 'a MATLAB file', advice: CONVERT },
  {
    magic: '\x93NUMPY',
    what: 'a NumPy array',
    advice: 'It does not say where its voxels lie: save the scan as NIfTI.',
  },
  { magic: '<?xml', what: 'an XML file', advice: PICTURE },
  { magic: '%PDF', what: 'a PDF document', advice: PICTURE },
  { magic: '<!DOC', what: 'a web page', advice: 'The download probably failed: fetch the scan again.' },
  { magic: '<html', what: 'a web page', advice: 'The download probably failed: fetch the scan again.' },
  { magic: 'version https://git-lfs', what: 'a Git LFS pointer', advice: 'Fetch the real file with "git lfs pull".' },
];

/** Names of what begins like anything, or like nothing. */
const BY_NAME: readonly (readonly [ending: RegExp, what: string, advice: string])[] = [
  [
    /\.img(\.gz)?$/i,
    'the voxel half of a .hdr/.img pair',
    'They mean nothing without their header: drop the .hdr and the .img together.',
  ],
  [/\.rec$/i, 'the voxel half of a Philips PAR/REC pair', 'Convert both files to NIfTI, for example with dcm2niix.'],
  [
    /\.(raw|zraw)$/i,
    'a file of raw voxels without a header',
    `Find the header that belongs to it (.mhd, .nhdr). ${CONVERT}`,
  ],
  [/\.(head|brik(\.gz)?)$/i, 'half of an AFNI volume', 'Convert it to NIfTI with 3dAFNItoNIFTI.'],
  [/\.(nrrd|nhdr)$/i, 'an NRRD volume', CONVERT],
  [/\.(mha|mhd)$/i, 'a MetaImage volume', CONVERT],
  [/\.(mgz|mgh)$/i, 'a FreeSurfer volume', 'Convert it to NIfTI with "mri_convert in.mgz out.nii.gz".'],
  [/\.mnc$/i, 'a MINC volume', MINC],
  [/\.dcm$/i, DICOM.what, DICOM.advice],
];

const META_IMAGE =
  /^\s*(?:(?:ObjectType|NDims|Comment|DimSize|BinaryData|ElementType|TransformMatrix|Offset)\s*=[^\n]*\n)/;

/** FreeSurfer's MGH has no magic: a version of 1, plausible sizes, one of its types, numbers from the highest byte on. */
function isMgh(head: Uint8Array): boolean {
  if (head.length < 284) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const [version, width, height, depth, frames, type] = [0, 4, 8, 12, 16, 20].map((at) => view.getInt32(at));
  const isSize = (n: number) => n >= 1 && n < 2 ** 20;
  return version === 1 && [width, height, depth, frames].every(isSize) && [0, 1, 3, 4].includes(type);
}

export interface RecognisedKind {
  /** "This is ..." */
  readonly what: string;
  readonly advice: string;
}

/**
 * Names a file by its first bytes, or else by how its name ends.
 * @param head at least the first 284 (unpacked) bytes, or the whole file when it is shorter
 * @returns null when nothing known is like this
 */
export function recognise(head: Uint8Array, name: string): RecognisedKind | null {
  const matches = ({ magic, offset = 0 }: FileKind) =>
    head.length >= offset + magic.length && [...magic].every((c, i) => head[offset + i] === c.charCodeAt(0));
  const byMagic = KINDS.find(matches);
  if (byMagic) return byMagic;
  if (META_IMAGE.test(String.fromCharCode(...head.subarray(0, 200))))
    return { what: 'a MetaImage volume', advice: CONVERT };
  const byName = BY_NAME.find(([ending]) => ending.test(name));
  if (byName) return { what: byName[1], advice: byName[2] };
  if (!isMgh(head)) return null;
  return { what: 'a FreeSurfer volume', advice: 'Convert it to NIfTI with "mri_convert in.mgz out.nii.gz".' };
}
