/** Dropped files as scans: archives of scans opened, .hdr/.img pairs joined, and a word about what is neither. */
import { Unzip, UnzipInflate } from 'fflate';
import { InvalidInputError } from '../core/errors';
import { reasonOf } from '../core/messages';
import { isLitter, isScan, MANIFEST, type NamedFile, sortFiles } from '../models/modelFiles';
import { isPairImage, joinPairs } from './nifti/niftiPair';

export interface SortedDrop {
  readonly scans: readonly NamedFile[];
  readonly model: readonly NamedFile[];
  /** Files dropped by themselves that are neither; what lies beside scans in a folder is nobody's concern. */
  readonly leftOut: readonly string[];
}

const isZip = (path: string) => /\.zip$/i.test(path);
/** What converters write beside a scan. */
const isSidecar = (path: string) => /\.(json|bval|bvec|tsv|csv|txt|md|pdf)$/i.test(path);

/** @throws InvalidInputError for archives and pairs that cannot be unpacked */
export async function sortDrop(files: readonly NamedFile[]): Promise<SortedDrop> {
  const opened = (await Promise.all(files.map(scansInZip))).flat();
  const joined = await joinPairs(opened);
  const { scans, model } = sortFiles(joined);
  const used = new Set([...scans, ...model]);
  const leftOut = joined.filter(
    (file) => !used.has(file) && !file.path.includes('/') && !isLitter(file.path) && !isSidecar(file.path),
  );
  return { scans, model, leftOut: leftOut.map(({ path }) => path) };
}

/** The scans inside a zip archive; the archive itself where it holds a model, or none. */
async function scansInZip(zip: NamedFile): Promise<readonly NamedFile[]> {
  if (!isZip(zip.path) || !(await holdsScans(zip.file))) return [zip];
  const scans: NamedFile[] = [];
  let problem: Error | null = null;
  const unzip = new Unzip((entry) => {
    if (isLitter(entry.name) || !(isScan(entry.name) || isPairImage(entry.name))) return;
    const parts: Uint8Array<ArrayBuffer>[] = [];
    entry.ondata = (error, chunk, final) => {
      if (error) problem = error;
      else parts.push(chunk as Uint8Array<ArrayBuffer>);
      if (final && !error) scans.push({ path: `${zip.path}/${entry.name}`, file: new Blob(parts) });
    };
    entry.start();
  });
  unzip.register(UnzipInflate);
  const reader = zip.file.stream().getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      // Piece by piece: the page stays alive.
      for (let at = 0; at < value.length; at += PIECE_BYTES) unzip.push(value.subarray(at, at + PIECE_BYTES));
    }
    unzip.push(new Uint8Array(0), true);
  } catch (cause) {
    problem = cause as Error;
  } finally {
    await reader.cancel();
  }
  if (!problem) return scans.length > 0 ? scans : [zip];
  throw new InvalidInputError('scan-archive-damaged', { name: zip.path, why: reasonOf(problem) }, { cause: problem });
}

const PIECE_BYTES = 1 << 18;

/** An archive's list of names is at its end. */
const DIRECTORY_BYTES = 1 << 20;
const ENCRYPTED = 1;

/** Whether an archive may hold scans and cannot hold a model, by its names; encrypted ones are not looked into. */
async function holdsScans(zip: Blob): Promise<boolean> {
  const [flags = 0] = new Uint8Array(await zip.slice(6, 7).arrayBuffer());
  const directory = new Uint8Array(await zip.slice(-DIRECTORY_BYTES).arrayBuffer());
  const names = new TextDecoder('latin1').decode(directory);
  return !(flags & ENCRYPTED) && !names.includes(MANIFEST) && /\.(nii|hdr)/i.test(names);
}
