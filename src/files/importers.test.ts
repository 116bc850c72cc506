import { describe, expect, it } from 'vitest';
import { CancelledError } from '../core/errors';
import { say } from '../locales/say';
import { gzip, niftiFile } from '../testing/niftiFixture';
import type { Volume } from '../volume/volume';
import type { Importer } from './importer';
import { IMPORTERS, isScan, joined, readFiles, readGrids } from './importers';
import { readNifti } from './nifti/readNifti';

const scan = new Uint8Array(niftiFile({ srows: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0] }));
const named = (path: string, content: BlobPart = scan) => ({ path, file: new Blob([content]) });

/** A format of lines: one file is one row of voxels, all files of a drop are one volume. */
const rows: Importer = {
  id: 'rows',
  sniff: (head, path) =>
    path.endsWith('.row') ? 'sure' : String.fromCharCode(...head.subarray(0, 3)) === 'ROW' ? 'possible' : 'no',
  readGrid: async ({ path }) => ({ name: path, dimsXyz: [2, 2, 2], spacingXyz: [1, 1, 1], affine: [] as never }),
  async *read(files) {
    const texts = await Promise.all(files.map(({ file }) => file.text()));
    yield { name: 'rows', data: Uint8Array.from(texts, (text) => Number(text.slice(3))) } as unknown as Volume;
  },
};
const FORMATS = [...IMPORTERS, rows];

async function read(
  files: readonly { path: string; file: Blob }[],
  importers: readonly Importer[] = FORMATS,
  signal?: AbortSignal,
) {
  const volumes: Volume[] = [];
  for await (const volume of readFiles(files, signal, importers)) volumes.push(volume);
  return volumes;
}

describe('importers', () => {
  it('get all files of their own format, by name or by content, packed or not', async () => {
    const packed = await gzip(scan);
    const files = [
      named('a.nii'),
      named('1.row', 'ROW7'),
      named('b.dat', packed),
      named('2', 'ROW9'),
      named('c.nii.gz', packed),
    ];
    const volumes = await read(files);
    expect(volumes.map(({ name }) => name)).toEqual(['a.nii', 'b.dat', 'c.nii.gz', 'rows']);
    expect([...volumes[3].data]).toEqual([7, 9]);
    const grids = await readGrids(files, FORMATS);
    expect(grids.map(({ name }) => name)).toEqual(['a.nii', '1.row', 'b.dat', '2', 'c.nii.gz']);
    expect(['x.row', 'x.nii', 'x.txt'].map((path) => isScan(path, FORMATS))).toEqual([true, true, false]);
  });

  it('name what none of them reads', async () => {
    await expect(read([named('photo.jpg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))])).rejects.toSatisfy((error) =>
      say(error).startsWith('This is a JPEG picture, not a NIfTI volume (photo.jpg).'),
    );
    await expect(read([named('nothing', '')])).rejects.toMatchObject({ code: 'file-empty' });
    await expect(read([named('x.row', 'ROW1')], IMPORTERS)).rejects.toMatchObject({ code: 'no-nifti-header' });
  });

  it('put parts of one volume together and leave other formats alone', async () => {
    const files = [named('a.hdr'), named('1.row', 'ROW7'), named('a.img')];
    expect((await joined(files, FORMATS)).map(({ path }) => path)).toEqual(['a.hdr', '1.row']);
  });

  it('stop between and within files when they are cancelled', async () => {
    await expect(read([named('a.nii')], FORMATS, AbortSignal.abort())).rejects.toBeInstanceOf(CancelledError);
    await expect(readNifti(named('a').file, 'a', AbortSignal.abort())).rejects.toBeInstanceOf(CancelledError);
    const controller = new AbortController();
    const reading = readFiles([named('a.nii'), named('b.nii')], controller.signal);
    expect((await reading.next()).value?.name).toBe('a.nii');
    controller.abort();
    await expect(reading.next()).rejects.toBeInstanceOf(CancelledError);
  });
});
