/** The formats that can be opened, and reading files of any of them. */
import type { Volume } from '../volume/volume';
import { openUnpacked } from './byteSource';
import { notReadable } from './fileKinds';
import { type Claim, HEAD_BYTES, type Importer, type NamedGrid } from './importer';
import { baseName, type NamedFile } from './namedFile';
import { niftiImporter } from './nifti/niftiImporter';

/** One line a format; of two that claim a file alike, the first. */
export const IMPORTERS: readonly Importer[] = [niftiImporter];

const NO_BYTES = new Uint8Array(0);

/** Whether a file's name alone says that it can be opened. */
export const isScan = (path: string, importers = IMPORTERS): boolean =>
  importers.some((importer) => importer.sniff(NO_BYTES, path) === 'sure');

/** Whether a file is of use only together with another one. */
export const isPart = (path: string, importers = IMPORTERS): boolean =>
  importers.some((importer) => importer.isPart?.(path) ?? false);

/** Puts files that are parts of one volume together, whatever their format. */
export async function joined(files: readonly NamedFile[], importers = IMPORTERS): Promise<readonly NamedFile[]> {
  let all = files;
  for (const importer of importers) all = (await importer.join?.(all)) ?? all;
  return all;
}

/**
 * Where files' voxels lie, from their headers.
 * @throws InvalidInputError as `readFiles`, for what a header shows
 */
export const readGrids = (files: readonly NamedFile[], importers = IMPORTERS): Promise<readonly NamedGrid[]> =>
  Promise.all(files.map(async (file) => (await importerOf(file, importers)).readGrid(file)));

/**
 * Reads files of any format.
 * @param files joined
 * @throws InvalidInputError, also for a file of which no importer knows anything, named as well as possible then
 */
export async function* readFiles(
  files: readonly NamedFile[],
  signal?: AbortSignal,
  importers = IMPORTERS,
): AsyncGenerator<Volume> {
  // All files of a format at once: a series is many of them.
  const groups = new Map<Importer, NamedFile[]>();
  for (const file of files) {
    const importer = await importerOf(file, importers);
    groups.set(importer, [...(groups.get(importer) ?? []), file]);
  }
  for (const [importer, group] of groups) yield* importer.read(group, signal);
}

/** @throws InvalidInputError where there is none */
async function importerOf({ path, file }: NamedFile, importers: readonly Importer[]): Promise<Importer> {
  const named = importers.find((importer) => importer.sniff(NO_BYTES, path) === 'sure');
  if (named) return named;
  const name = baseName(path);
  const source = await openUnpacked(file, name);
  try {
    const head = await source.read(HEAD_BYTES);
    const claiming = (claim: Claim) => importers.find((importer) => importer.sniff(head, path) === claim);
    const importer = claiming('sure') ?? claiming('possible');
    if (importer) return importer;
    throw notReadable(head, name);
  } finally {
    await source.close();
  }
}
