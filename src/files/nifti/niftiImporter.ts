/** NIfTI-1 and NIfTI-2, in one file or two, packed with gzip or not. */
import { CancelledError } from '../../core/errors';
import type { Importer } from '../importer';
import { baseName } from '../namedFile';
import { looksLikeNifti } from './niftiHeader';
import { isPairImage, joinPairs } from './niftiPair';
import { readNifti, readNiftiGrid } from './readNifti';

/** Also as browsers and desktops name a second copy: 'T2.nii (1).gz', 'T2.nii.gz (1)'; and the header of a pair. */
const isNamedSo = (path: string): boolean => /\.nii\b[^./]*(\.gz[^./]*)?$/i.test(path) || /\.hdr(\.gz)?$/i.test(path);

export const niftiImporter: Importer = {
  id: 'nifti',
  sniff(head, path) {
    if (isNamedSo(path)) return 'sure';
    return looksLikeNifti(head) ? 'possible' : 'no';
  },
  isPart: isPairImage,
  join: (files) => joinPairs(files),
  readGrid: ({ path, file }) => readNiftiGrid(file, baseName(path)),
  async *read(files, signal) {
    for (const { path, file } of files) {
      if (signal?.aborted) throw new CancelledError();
      yield await readNifti(file, baseName(path), signal);
    }
  },
};
