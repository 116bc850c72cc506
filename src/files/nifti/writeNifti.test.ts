import { describe, expect, it } from 'vitest';
import { gunzip } from '../../testing/niftiFixture';
import { orientedCases } from '../../testing/orientationFixture';
import { saying } from '../../testing/saying';
import { apply } from '../../volume/affine';
import type { Affine, Triple } from '../../volume/grid';
import type { LabelVolume } from '../../volume/volume';
import { readNifti } from './readNifti';
import { writeLabelNifti } from './writeNifti';

const dimsXyz: Triple = [5, 3, 4];
const labelNames = [
  { id: 0, name: 'background', color: [0, 0, 0] as const },
  { id: 1, name: 'left kidney', color: [255, 51, 0] as const },
  { id: 7, name: 'awkward ]]> & <name> ü', color: [1, 2, 3] as const },
];

function labels(affine: Affine): LabelVolume {
  const spacingXyz = [0, 1, 2].map((i) => Math.hypot(affine[i], affine[4 + i], affine[8 + i])) as unknown as Triple;
  return { dimsXyz, spacingXyz, affine, data: Uint8Array.from({ length: 60 }, (_, i) => (i * 37) % 251) };
}

/** Largest distance in mm between what two affines say about the corners. */
function distance(a: Affine, b: Affine): number {
  let most = 0;
  for (const voxel of [
    [0, 0, 0],
    [4, 0, 0],
    [0, 2, 0],
    [0, 0, 3],
    [4, 2, 3],
  ] as const) {
    const [p, q] = [apply(a, voxel), apply(b, voxel)];
    most = Math.max(most, Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
  }
  return most;
}

describe('writeLabelNifti', () => {
  it('labels come back voxel for voxel and in place, in all 48 orientations x 3 tilts', async () => {
    for (const { title, affine } of orientedCases()) {
      const written = labels(affine);
      const back = await readNifti((await writeLabelNifti(written, { labelNames })).buffer, 'labels.nii.gz');
      expect(back.data, title).toEqual(written.data);
      expect(back.dimsXyz, title).toEqual(dimsXyz);
      // float32 of 130 mm: 8e-6 per number. No warning: the qform says the same as the sform.
      expect(distance(back.affine, affine), title).toBeLessThan(5e-5);
      expect(back.warnings, title).toEqual([]);
    }
  });

  it('writes labels that lie in memory which threads share, of more than one piece', async () => {
    const affine: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    const data = new Uint8Array(new SharedArrayBuffer(1_250_000)).map((_, i) => (i * 31) >> 9);
    const shared = new Uint8Array(new SharedArrayBuffer(data.length));
    shared.set(data);
    const written: LabelVolume = { dimsXyz: [125, 100, 100], spacingXyz: [1, 1, 1], affine, data: shared };
    const back = await readNifti((await writeLabelNifti(written, { labelNames })).buffer, 'labels.nii.gz');
    expect(Buffer.from(back.data.buffer).equals(Buffer.from(data.buffer))).toBe(true);
  });

  it('the qform alone puts every orientation in the same place', async () => {
    for (const { title, affine } of orientedCases()) {
      const file = await gunzip(await writeLabelNifti(labels(affine), { labelNames }));
      const view = new DataView(file);
      expect(view.getInt16(252, true), title).toBe(1);
      view.setInt16(254, 0, true); // sform_code
      const back = await readNifti(file, 'labels.nii');
      expect(distance(back.affine, affine), title).toBeLessThan(1e-4);
    }
  });

  it('without a header to copy, shear is kept in the sform and the qform is declared unknown', async () => {
    const sheared: Affine = [1, 0.3, 0, 5, 0, 1, 0, 6, 0, 0, 2, 7, 0, 0, 0, 1];
    const file = await gunzip(await writeLabelNifti(labels(sheared), { labelNames }));
    const view = new DataView(file);
    expect([view.getInt16(252, true), view.getInt16(254, true)]).toEqual([0, 1]);
    expect(distance((await readNifti(file, 'labels.nii')).affine, sheared)).toBeLessThan(1e-5);
  });

  it('the header says labels, unscaled, in mm', async () => {
    const file = await gunzip(
      await writeLabelNifti(labels([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]), {
        labelNames,
        description: 'Größe 1',
      }),
    );
    const view = new DataView(file);
    const at = view.getFloat32(108, true);
    expect(at % 16).toBe(0);
    expect(file.byteLength).toBe(at + 60);
    expect(view.getInt16(68, true)).toBe(1002);
    expect([view.getFloat32(112, true), view.getFloat32(116, true)]).toEqual([1, 0]);
    expect(view.getUint8(123)).toBe(2);
    expect(new TextDecoder('ascii').decode(file.slice(148, 156))).toBe('Gr??e 1\0');
  });

  it('names and colours are in a Caret label table', async () => {
    const file = await gunzip(
      await writeLabelNifti(labels([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]), { labelNames }),
    );
    const view = new DataView(file);
    expect(view.getUint8(348)).toBe(1);
    const size = view.getInt32(352, true);
    expect(size % 16).toBe(0);
    expect(view.getInt32(356, true)).toBe(0);
    expect(352 + size).toBe(view.getFloat32(108, true));
    const xml = new TextDecoder().decode(file.slice(360, 352 + size));
    expect(xml).toContain(
      '<Label Key="1" Red="1.000000" Green="0.200000" Blue="0.000000" Alpha="1"><![CDATA[left kidney]]></Label>',
    );
    expect(xml).toContain('<![CDATA[awkward ]]]]><![CDATA[> & <name> ü]]>');
  });

  it('an axis that NIfTI-1 cannot count is refused', async () => {
    const long = { ...labels([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]), dimsXyz: [40000, 2, 2] as const };
    await expect(writeLabelNifti(long, { labelNames })).rejects.toThrow(saying(/at most 32767.*40000 x 2 x 2/));
  });
});
