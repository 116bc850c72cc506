/** Files as a user gives them: with their paths inside what was dropped. */

export interface NamedFile {
  /** 'synapse/model.json' */
  readonly path: string;
  readonly file: Blob;
}

/** @example baseName('synapse/model.json') // 'model.json' */
export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** @example folderOf('synapse/model.json') // 'synapse/' */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

/** What systems leave in folders and archives without being asked. */
export const isLitter = (path: string): boolean =>
  path
    .split('/')
    .some((part) => part.startsWith('.') || part === '__MACOSX' || /^(thumbs\.db|desktop\.ini)$/i.test(part));
