/** Dropped files as scans: archives of scans opened, scans told from what lies beside them. Names only, but for archives. */
import { Unzip, UnzipInflate } from 'fflate';
import { InvalidInputError } from '../core/errors';
import { reasonOf } from '../core/messages';
import { isPart, isScan } from './importers';
import { isLitter, type NamedFile } from './namedFile';

const isZip = (path: string) => /\.zip$/i.test(path);
/** What converters write beside a scan. */
const isSidecar = (path: string) => /\.(json|bval|bvec|tsv|csv|txt|md|pdf)$/i.test(path);

/**
 * The scans inside zip archives in their place.
 * @param isForeign whether an archive with files of these paths inside is somebody else's; it stays as it is
 * @throws InvalidInputError('scan-archive-damaged')
 */
export async function openArchives(
  files: readonly NamedFile[],
  isForeign: (paths: readonly string[]) => boolean,
): Promise<readonly NamedFile[]> {
  return (await Promise.all(files.map((file) => scansInZip(file, isForeign)))).flat();
}

/**
 * The scans among files; all of the files where none is called so, since a wrong one gets its explanation when it is read.
 * @param areAlone whether nothing else of use came with the files
 */
export function scansAmong(files: readonly NamedFile[], areAlone: boolean): readonly NamedFile[] {
  const useful = files.filter(({ path }) => !isLitter(path));
  const scans = useful.filter(({ path }) => isScan(path));
  return scans.length > 0 || !areAlone ? scans : useful;
}

/** Whether the user should hear that a file was left out; what lies beside scans in a folder is nobody's concern. */
export const isMissed = ({ path }: NamedFile): boolean => !path.includes('/') && !isLitter(path) && !isSidecar(path);

/** The scans inside a zip archive; the archive itself where it holds a model, or none. */
async function scansInZip(
  zip: NamedFile,
  isForeign: (paths: readonly string[]) => boolean,
): Promise<readonly NamedFile[]> {
  if (!isZip(zip.path) || !(await holdsScans(zip.file, isForeign))) return [zip];
  const scans: NamedFile[] = [];
  let problem: Error | null = null;
  const unzip = new Unzip((entry) => {
    if (!isOfScan(entry.name)) return;
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

/** Whether an archive may hold scans, by its names; encrypted ones are not looked into. */
async function holdsScans(zip: Blob, isForeign: (paths: readonly string[]) => boolean): Promise<boolean> {
  const [flags = 0] = new Uint8Array(await zip.slice(6, 7).arrayBuffer());
  const directory = new Uint8Array(await zip.slice(-DIRECTORY_BYTES).arrayBuffer());
  const paths = pathsIn(directory);
  return !(flags & ENCRYPTED) && !isForeign(paths) && paths.some(isOfScan);
}

const isOfScan = (path: string): boolean => !isLitter(path) && (isScan(path) || isPart(path));

/** By how an entry begins, in the archive's list and before its content: where the length of its path is, and the path. */
const ENTRIES = { 'PK\x01\x02': [28, 46], 'PK\x03\x04': [26, 30] } as const;

/** Paths of entries, in any piece of an archive. */
function pathsIn(bytes: Uint8Array): readonly string[] {
  const text = new TextDecoder('latin1').decode(bytes);
  return Object.entries(ENTRIES).flatMap(([magic, [lengthAt, pathAt]]) => {
    const paths: string[] = [];
    for (let at = text.indexOf(magic); at >= 0; at = text.indexOf(magic, at + 1)) {
      const length = (bytes[at + lengthAt] ?? 0) | ((bytes[at + lengthAt + 1] ?? 0) << 8);
      paths.push(new TextDecoder().decode(bytes.subarray(at + pathAt, at + pathAt + length)));
    }
    return paths;
  });
}
