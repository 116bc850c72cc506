/** What a file really is when it is not a NIfTI volume, so that the message can say what to do with it. */
import { InvalidInputError } from '../core/errors';
import { type Message, message } from '../core/messages';

export interface RecognisedKind {
  /** "This is ..." */
  readonly what: Message;
  readonly advice: Message;
}

interface FileKind extends RecognisedKind {
  readonly magic: string;
  readonly offset?: number;
}

const PICTURE = message('advice-export-volume');
const UNPACK = message('advice-unpack');
const MINC = message('advice-convert-minc');
const CONVERT = message('advice-convert');

const DICOM = { what: message('kind-dicom'), advice: message('advice-convert-dicom') };

const KINDS: readonly FileKind[] = [
  { magic: '\xff\xd8\xff', what: message('kind-jpeg'), advice: PICTURE },
  { magic: '\x89PNG', what: message('kind-png'), advice: PICTURE },
  { magic: 'GIF8', what: message('kind-gif'), advice: PICTURE },
  { magic: 'II*\0', what: message('kind-tiff'), advice: PICTURE },
  { magic: 'MM\0*', what: message('kind-tiff'), advice: PICTURE },
  { magic: 'DICM', offset: 128, ...DICOM },
  // Without the preamble: the first elements of old and of streamed files.
  { magic: '\x08\0\x05\0', ...DICOM },
  { magic: '\x08\0\0\0', ...DICOM },
  { magic: '\x02\0\0\0UL', ...DICOM },
  { magic: 'PK\x03\x04', what: message('kind-zip'), advice: UNPACK },
  { magic: 'ustar', offset: 257, what: message('kind-tar'), advice: UNPACK },
  { magic: '7z\xbc\xaf', what: message('kind-7zip'), advice: UNPACK },
  { magic: '\xfd7zXZ', what: message('kind-xz'), advice: UNPACK },
  { magic: 'BZh', what: message('kind-bzip2'), advice: UNPACK },
  { magic: '\x28\xb5\x2f\xfd', what: message('kind-zstd'), advice: UNPACK },
  { magic: '\x1f\x8b', what: message('kind-gzip-twice'), advice: message('advice-unpack-once') },
  { magic: 'NRRD', what: message('kind-nrrd'), advice: CONVERT },
  { magic: '\x89HDF', what: message('kind-hdf5'), advice: MINC },
  { magic: 'CDF\x01', what: message('kind-netcdf'), advice: MINC },
  { magic: 'CDF\x02', what: message('kind-netcdf'), advice: MINC },
  {
    magic: '# === DATA DESCRIPTION FILE',
    what: message('kind-par'),
    advice: message('advice-convert-par-rec'),
  },
  { magic: 'MATRIX7', what: message('kind-ecat'), advice: CONVERT },
  { magic: 'Rar!', what: message('kind-rar'), advice: UNPACK },
  { magic: 'MATLAB 5.0', what: message('kind-matlab'), advice: CONVERT },
  {
    magic: '\x93NUMPY',
    what: message('kind-numpy'),
    advice: message('advice-save-as-nifti'),
  },
  { magic: '<?xml', what: message('kind-xml'), advice: PICTURE },
  { magic: '%PDF', what: message('kind-pdf'), advice: PICTURE },
  { magic: '<!DOC', what: message('kind-web-page'), advice: message('advice-fetch-again') },
  { magic: '<html', what: message('kind-web-page'), advice: message('advice-fetch-again') },
  { magic: 'version https://git-lfs', what: message('kind-git-lfs'), advice: message('advice-fetch-from-lfs') },
];

/** Names of what begins like anything, or like nothing. */
const BY_NAME: readonly (readonly [ending: RegExp, what: Message, advice: Message])[] = [
  [/\.img(\.gz)?$/i, message('kind-img'), message('advice-drop-pair-together')],
  [/\.rec$/i, message('kind-rec'), message('advice-convert-par-rec')],
  [/\.(raw|zraw)$/i, message('kind-raw'), message('advice-find-header', { convert: CONVERT })],
  [/\.(head|brik(\.gz)?)$/i, message('kind-afni'), message('advice-convert-afni')],
  [/\.(nrrd|nhdr)$/i, message('kind-nrrd'), CONVERT],
  [/\.(mha|mhd)$/i, message('kind-metaimage'), CONVERT],
  [/\.(mgz|mgh)$/i, message('kind-freesurfer'), message('advice-convert-freesurfer')],
  [/\.mnc$/i, message('kind-minc'), MINC],
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
    return { what: message('kind-metaimage'), advice: CONVERT };
  const byName = BY_NAME.find(([ending]) => ending.test(name));
  if (byName) return { what: byName[1], advice: byName[2] };
  if (!isMgh(head)) return null;
  return { what: message('kind-freesurfer'), advice: message('advice-convert-freesurfer') };
}

/** The error for a file that no importer reads. @param head as of `recognise` */
export function notReadable(head: Uint8Array, name: string): InvalidInputError {
  if (head.length === 0) return new InvalidInputError('file-empty', { name });
  const kind = recognise(head, name);
  return kind
    ? new InvalidInputError('not-nifti', { name, what: kind.what, advice: kind.advice })
    : new InvalidInputError('no-nifti-header', { name });
}
