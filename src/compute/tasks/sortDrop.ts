/** What of a drop can be opened: scans and models told apart, archives of scans unpacked, pairs of files joined. */
import { isMissed, openArchives, scansAmong } from '../../files/drop';
import { isScan, joined } from '../../files/importers';
import { baseName, type NamedFile } from '../../files/namedFile';
import { MANIFEST, modelFilesAmong } from '../../models/modelFiles';
import type { Call } from '../../workers/calls';

export interface SortedDrop {
  readonly scans: readonly NamedFile[];
  readonly model: readonly NamedFile[];
  /** Files dropped by themselves that are neither; what lies beside scans in a folder is nobody's concern. */
  readonly leftOut: readonly string[];
}

/** @throws InvalidInputError for archives and pairs that cannot be unpacked */
export const sortDrop: Call<readonly NamedFile[], SortedDrop> = async (files) => {
  const all = await joined(await openArchives(files, (paths) => paths.some((path) => baseName(path) === MANIFEST)));
  const model = modelFilesAmong(all, isScan);
  const others = all.filter((file) => !model.includes(file));
  const scans = scansAmong(others, model.length === 0);
  const leftOut = others.filter((file) => !scans.includes(file) && isMissed(file));
  return { scans, model, leftOut: leftOut.map(({ path }) => path) };
};
