import { afterEach, expect, it, vi } from 'vitest';
import { PLACES } from '../core/storedPlaces';
import { MemoryCaches } from '../testing/memoryCaches';
import { filesOf, onLaunchFiles, takeSharedFiles } from './launch';

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

it('deletes what was shared with a window that was closed before it had read it', async () => {
  const kept = new MemoryCaches();
  vi.stubGlobal('caches', { open: (name: string) => kept.open(name), delete: (name: string) => kept.delete(name) });
  await (await kept.open(PLACES.shared.name)).put('https://ward.example/shared/0/a.nii', new Response('x'));
  const history = { state: null, replaceState: vi.fn() } as unknown as History;
  expect(await takeSharedFiles({ href: 'https://ward.example/' } as Location, history)).toBeNull();
  expect(await kept.keys()).toEqual([]);
});
