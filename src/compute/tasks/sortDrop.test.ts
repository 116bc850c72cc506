import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { readNifti } from '../../files/nifti/readNifti';
import { niftiFile } from '../../testing/niftiFixture';
import { saying } from '../../testing/saying';
import type { CallContext } from '../../workers/calls';
import { sortDrop as task } from './sortDrop';

const sortDrop = (files: Parameters<typeof task>[0]) => task(files, {} as CallContext);
const scan = new Uint8Array(niftiFile({ srows: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0] }));
const file = (path: string, bytes: Uint8Array<ArrayBuffer> = scan) => ({ path, file: new Blob([bytes]) });
const zip = (path: string, entries: Record<string, Uint8Array>) =>
  file(path, zipSync(entries, { level: 6 }) as Uint8Array<ArrayBuffer>);
const paths = (files: readonly { path: string }[]) => files.map(({ path }) => path);

describe('sortDrop', () => {
  it('opens the scans inside an archive', async () => {
    const { scans, model, leftOut } = await sortDrop([
      zip('study.zip', {
        'study/a.nii': scan,
        'study/b.nii.gz': scan,
        'study/notes.txt': scan,
        '__MACOSX/._a.nii': scan,
      }),
    ]);
    expect([paths(scans), model, leftOut]).toEqual([['study.zip/study/a.nii', 'study.zip/study/b.nii.gz'], [], []]);
    expect([...(await readNifti(scans[0].file, 'a.nii')).data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('leaves archives of models, and of nothing known, to the model shelf', async () => {
    const archives: Record<string, Uint8Array>[] = [
      { 'm/model.json': scan, 'm/sample.nii.gz': scan },
      { 'IM0001.dcm': scan },
    ];
    for (const entries of archives) {
      const { scans, model } = await sortDrop([zip('x.zip', entries)]);
      expect([paths(scans), paths(model)]).toEqual([[], ['x.zip']]);
    }
  });

  it('says that an archive of scans is damaged', async () => {
    const { file: whole } = zip('study.zip', {
      'a.nii': Uint8Array.from({ length: 90_000 }, (_, i) => (i * i * 31) >> 7),
    });
    const bytes = new Uint8Array(await whole.arrayBuffer());
    bytes.fill(0xff, 200, 400);
    await expect(sortDrop([file('study.zip', bytes)])).rejects.toThrow(saying(/study\.zip could not be unpacked/));
  });

  it('says so of an archive of scans that ends too early', async () => {
    const bytes = new Uint8Array(
      await zip('study.zip', { 'study/a.nii': scan, 'study/b.nii': scan }).file.arrayBuffer(),
    );
    await expect(sortDrop([file('study.zip', bytes.slice(0, 200))])).rejects.toThrow(
      saying(/study\.zip could not be unpacked/),
    );
  });

  it('joins the two files of a pair, and leaves a lone half to the reader', async () => {
    const header = scan.slice(0, 348);
    header[345] = 'i'.charCodeAt(0);
    header.fill(0, 108, 112);
    const pair = [file('Brain.img', scan.slice(352)), file('brain.hdr', header), file('other.img', scan.slice(352))];
    const { scans, leftOut } = await sortDrop(pair);
    expect([paths(scans), leftOut]).toEqual([['brain.hdr'], ['other.img']]);
    expect([...(await readNifti(scans[0].file, 'brain.hdr')).data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const lone = await sortDrop([file('other.img', scan.slice(352))]);
    await expect(readNifti(lone.scans[0].file, 'other.img')).rejects.toThrow(
      saying(/drop the \.hdr and the \.img together/),
    );
    const header2 = await sortDrop([file('brain.hdr', header)]);
    await expect(readNifti(header2.scans[0].file, 'brain.hdr')).rejects.toThrow(saying(/together with the \.img file/));
  });

  it("takes a browser's second copy for the scan that it is", async () => {
    const names = ['T1.nii', 'T2.nii (1).gz', 'T2 (1).nii.gz', 'FLAIR.nii.gz (2)', 'PD.nii - Copy.gz'];
    const { scans, leftOut } = await sortDrop(names.map((name) => file(name)));
    expect([paths(scans), leftOut]).toEqual([names, []]);
  });

  it('names what is left out, but for sidecars and what lies in folders', async () => {
    const drop = ['T1.nii.gz', 'T1.json', 'T2.nii.gz.part', 'photo.jpg', 'folder/photo.jpg', '.DS_Store'];
    const { scans, leftOut } = await sortDrop(drop.map((name) => file(name)));
    expect([paths(scans), leftOut]).toEqual([['T1.nii.gz'], ['T2.nii.gz.part', 'photo.jpg']]);
  });
});
