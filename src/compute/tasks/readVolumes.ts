/** Files as volumes, their voxels in memory that the page need not copy. */
import { readFiles } from '../../files/importers';
import type { NamedFile } from '../../files/namedFile';
import type { Volume } from '../../volume/volume';
import type { Call } from '../../workers/calls';
import { shareVoxels } from '../../workers/handOver';

/**
 * Tells each volume when it is read, so that the next one's memory is not taken on top of it.
 * @throws InvalidInputError when a file is not a usable volume
 */
export const readVolumes: Call<readonly NamedFile[], void, Volume> = async (files, { signal, tell }) => {
  for await (const volume of readFiles(files, signal)) {
    const data = shareVoxels(volume.data);
    tell({ ...volume, data }, [data]);
  }
};
