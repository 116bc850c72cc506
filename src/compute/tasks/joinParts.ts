/** Files that are parts of one volume, put together. */
import { joined } from '../../files/importers';
import type { NamedFile } from '../../files/namedFile';
import type { Call } from '../../workers/calls';

/** All other files stay as they are. @throws InvalidInputError for parts that cannot be read */
export const joinParts: Call<readonly NamedFile[], readonly NamedFile[]> = (files) => joined(files);
