/** A NIfTI file as a volume, its voxels in memory that the page need not copy. */
import { readNifti } from '../../files/nifti/nifti';
import type { Volume } from '../../volume/volume';
import type { Call } from '../../workers/calls';
import { shareVoxels } from '../../workers/handOver';

export interface NiftiFile {
  readonly file: Blob;
  /** Shown in messages and kept as the volume's name. */
  readonly name: string;
}

/** @throws InvalidInputError when the file is not a usable volume */
export const readVolume: Call<NiftiFile, Volume> = async ({ file, name }, { give }) => {
  const volume = await readNifti(file, name);
  const data = shareVoxels(volume.data);
  give(data);
  return { ...volume, data };
};
