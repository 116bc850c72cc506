import { describe, expect, it, vi } from 'vitest';
import { gzip, niftiFile } from '../../testing/niftiFixture';
import { saying } from '../../testing/saying';
import { joinPair, joinPairs } from './niftiPair';
import { readNifti } from './readNifti';

const SROWS = [2, 0, 0, -20, 0, 2, 0, -24, 0, 0, 3, -24];

/** A single file cut into the two of a pair. @param before bytes ahead of the voxels in the .img */
function pairOf(version: 1 | 2, littleEndian: boolean, before = 0) {
  const single = niftiFile({ version, littleEndian, srows: SROWS });
  const size = version === 1 ? 348 : 540;
  const header = single.slice(0, size);
  const view = new DataView(header);
  view.setUint8(version === 1 ? 345 : 5, 'i'.charCodeAt(0));
  if (version === 1) view.setFloat32(108, before, littleEndian);
  else view.setBigInt64(168, BigInt(before), littleEndian);
  return { header, voxels: new Blob([new Uint8Array(before), single.slice(size + 4)]) };
}

const half = (...parts: BlobPart[]) => ({ path: 'scan.hdr', file: new Blob(parts) });

describe('joinPair', () => {
  it('makes one readable file of a .hdr and an .img, packed or not', async () => {
    for (const version of [1, 2] as const) {
      for (const littleEndian of [true, false]) {
        for (const before of [0, 16]) {
          const { header, voxels } = pairOf(version, littleEndian, before);
          const packed = new Blob([await gzip(await voxels.arrayBuffer())]);
          for (const image of [voxels, packed]) {
            for (const head of [header, await gzip(header)]) {
              const volume = await readNifti(await joinPair(half(head), { path: 'scan.img', file: image }), 'scan.hdr');
              expect([...volume.data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
              expect([...volume.affine].slice(0, 12)).toEqual(SROWS);
            }
          }
        }
      }
    }
  });

  it('leaves what is no NIfTI pair to the reader', async () => {
    const analyze = niftiFile({ magic: '\0\0\0\0' });
    await expect(readNifti(await joinPair(half(analyze), half()), 'a.hdr')).rejects.toThrow(saying(/Analyze 7\.5/));
    await expect(readNifti(await joinPair(half(), half()), 'a.hdr')).rejects.toThrow(saying(/is empty/));
  });

  it('says how many voxels the .img lacks', async () => {
    const { header, voxels } = pairOf(1, true);
    const joined = await joinPair(half(header), { path: 'scan.img', file: voxels.slice(0, 10) });
    await expect(readNifti(joined, 'scan.hdr')).rejects.toThrow(saying(/need 16 bytes|need 0\.0000 MB|cut off/));
  });

  it('reads an .img of several gzip members, which browsers refuse', async () => {
    const { header, voxels } = pairOf(1, true);
    const bytes = new Uint8Array(await voxels.arrayBuffer());
    const members = [await gzip(bytes.slice(0, 5)), await gzip(bytes.slice(5)), 'anything'];
    vi.stubGlobal(
      'DecompressionStream',
      class extends TransformStream {
        constructor() {
          super({ transform: (_, controller) => controller.error(new TypeError('Junk found after end of data.')) });
        }
      },
    );
    const image = { path: 'scan.img.gz', file: new Blob(members) };
    const joined = await joinPair(half(header), image).finally(() => vi.unstubAllGlobals());
    expect([...(await readNifti(joined, 'scan.hdr')).data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('names the half that is damaged', async () => {
    const { header, voxels } = pairOf(1, true);
    const [packedHeader, packedVoxels] = [await gzip(header), await gzip(await voxels.arrayBuffer())];
    const files = (head: ArrayBuffer, image: ArrayBuffer) => [
      { path: 'a.hdr.gz', file: new Blob([head]) },
      { path: 'a.img.gz', file: new Blob([image]) },
    ];
    const damaged = (name: string) => ({ code: 'gzip-damaged', parameters: { name } });
    await expect(joinPairs(files(packedHeader.slice(0, 40), packedVoxels))).rejects.toMatchObject(damaged('a.hdr.gz'));
    await expect(joinPairs(files(packedHeader, packedVoxels.slice(0, -9)))).rejects.toMatchObject(damaged('a.img.gz'));
  });
});
