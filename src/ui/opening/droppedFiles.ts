/** The files of a drop or a file dialog, folders walked through. */
import type { NamedFile } from '../../files/namedFile';

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    // Browsers hand out a hundred or so at a time; an empty batch is the end.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return all;
    all.push(...batch);
  }
}

async function walk(entry: FileSystemEntry): Promise<NamedFile[]> {
  if (entry.isFile) {
    return [{ path: entry.fullPath.replace(/^\//, ''), file: await fileOf(entry as FileSystemFileEntry) }];
  }
  const inside = await entriesOf(entry as FileSystemDirectoryEntry);
  return (await Promise.all(inside.map(walk))).flat();
}

/**
 * Everything that was dropped, with paths inside the dropped folders. Call it inside the event's listener: the transfer is
 * empty once that returns.
 */
export function droppedFiles(transfer: DataTransfer): Promise<NamedFile[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file');
  const read = items.map((item) => {
    const entry = item.webkitGetAsEntry();
    if (entry) return walk(entry);
    const file = item.getAsFile();
    return Promise.resolve(file ? [{ path: file.name, file }] : []);
  });
  return Promise.all(read).then((files) => files.flat());
}

/** What was chosen in a file or folder dialog. */
export const chosenFiles = (list: FileList): NamedFile[] =>
  [...list].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
