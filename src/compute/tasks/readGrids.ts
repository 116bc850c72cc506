/** Where the voxels of files lie, from their headers. */

import type { NamedGrid } from '../../files/importer';
import { readGrids as read } from '../../files/importers';
import type { NamedFile } from '../../files/namedFile';
import type { Call } from '../../workers/calls';

/** @throws InvalidInputError for what a header shows */
export const readGrids: Call<readonly NamedFile[], readonly NamedGrid[]> = (files) => read(files);
