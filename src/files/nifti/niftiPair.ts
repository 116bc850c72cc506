/** A NIfTI volume in two files, .hdr and .img, as the one file that the rest reads. */
import { unpacked } from '../byteSource';

const SIZE_1 = 348;
const SIZE_2 = 540;

export interface PairHalf {
  /** For messages. */
  readonly path: string;
  readonly file: Blob;
}

/**
 * The header with the voxels behind it, and both told so: magic and vox_offset are those of a single file. What is no NIfTI
 * header stays as it is, for the reader to say so. Either file may be packed with gzip.
 * @throws InvalidInputError('gzip-damaged' | 'file-unreadable')
 */
export async function joinPair(header: PairHalf, voxels: PairHalf): Promise<Blob> {
  const bytes = await (await unpacked(header.file, header.path)).arrayBuffer();
  const view = new DataView(bytes);
  const littleEndian = bytes.byteLength >= 4 && [SIZE_1, SIZE_2].includes(view.getInt32(0, true));
  const size = bytes.byteLength >= 4 ? view.getInt32(0, littleEndian) : 0;
  const magicAt = size === SIZE_1 ? 344 : 4;
  const magic = String.fromCharCode(...new Uint8Array(bytes).subarray(magicAt, magicAt + 3));
  const isPair = (size === SIZE_1 && magic === 'ni1') || (size === SIZE_2 && magic === 'ni2');
  if (!isPair || bytes.byteLength < size) return header.file;
  view.setUint8(magicAt + 1, '+'.charCodeAt(0));
  // Four bytes that say "no extensions" come between header and voxels; what the .img has before them is passed over too.
  const start = size + 4;
  if (size === SIZE_1) view.setFloat32(108, start + Math.max(0, view.getFloat32(108, littleEndian) || 0), littleEndian);
  else {
    const before = view.getBigInt64(168, littleEndian);
    view.setBigInt64(168, BigInt(start) + (before > 0n ? before : 0n), littleEndian);
  }
  return new Blob([bytes.slice(0, size), new Uint8Array(4), await unpacked(voxels.file, voxels.path)]);
}

const isHeader = (path: string) => /\.hdr(\.gz)?$/i.test(path);
export const isPairImage = (path: string) => /\.img(\.gz)?$/i.test(path);
const pairStem = (path: string) => path.replace(/\.(hdr|img)(\.gz)?$/i, '').toLowerCase();

/** Puts a .hdr and the .img of the same name together; one without the other stays and gets its sentence. */
export async function joinPairs<T extends PairHalf>(files: readonly T[]): Promise<readonly (T | PairHalf)[]> {
  const images = new Map(files.filter(({ path }) => isPairImage(path)).map((file) => [pairStem(file.path), file]));
  const imageOf = ({ path }: T) => (isHeader(path) ? images.get(pairStem(path)) : undefined);
  const taken = new Set(files.map(imageOf));
  return Promise.all(
    files
      .filter((file) => !taken.has(file))
      .map(async (file) => {
        const image = imageOf(file);
        return image ? { path: file.path, file: await joinPair(file, image) } : file;
      }),
  );
}
