import { afterEach, expect, it, vi } from 'vitest';
import { filesOf, onLaunchFiles } from './launch';

afterEach(() => vi.unstubAllGlobals());

const fileHandle = (name: string) =>
  ({ kind: 'file', name, getFile: async () => new File(['x'], name) }) as unknown as FileSystemHandle;
const folderHandle = (name: string, inside: FileSystemHandle[]) =>
  ({
    kind: 'directory',
    name,
    async *values() {
      yield* inside;
    },
  }) as unknown as FileSystemHandle;

it('opens files and folders that the system gives, with their paths', async () => {
  let consume: (parameters: { files?: FileSystemHandle[] }) => void = () => {};
  vi.stubGlobal('launchQueue', {
    setConsumer(consumer: typeof consume) {
      consume = consumer;
    },
  });
  const open = vi.fn();
  onLaunchFiles(open);
  consume({ files: [] });
  expect(open).not.toHaveBeenCalled();
  consume({ files: [fileHandle('a.nii'), folderHandle('model', [fileHandle('model.json')])] });
  const files = await open.mock.calls[0][0];
  expect(files.map(({ path }: { path: string }) => path)).toEqual(['a.nii', 'model/model.json']);
});

it('says where one cannot be read', async () => {
  const gone = { kind: 'file', name: 'a.nii', getFile: () => Promise.reject(new Error('gone')) };
  await expect(filesOf([gone as unknown as FileSystemHandle])).rejects.toMatchObject({ code: 'launch-unreadable' });
});
