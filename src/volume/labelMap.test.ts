import { describe, expect, it } from 'vitest';
import { readLabelTable } from '../files/nifti/labelTable';
import { readNifti } from '../files/nifti/readNifti';
import { writeLabelNifti } from '../files/nifti/writeNifti';
import { niftiFile } from '../testing/niftiFixture';
import { INTENT_LABEL, recogniseLabelMap } from './labelMap';
import type { LabelName } from './volume';

/** 8 x 8 x 4 voxels in blocks of 4 x 4 x 4: what lies left front, right front, left back, right back. */
function blocks(...values: readonly number[]): number[] {
  return Array.from({ length: 8 * 8 * 4 }, (_, i) => values[((i % 8) >> 2) + 2 * ((i >> 5) & 1)]);
}

const recognised = (values: readonly number[], intentCode = 0) =>
  recogniseLabelMap(Float32Array.from(values), 8, intentCode, []);

describe('a label map', () => {
  it.each([
    ['three structures', blocks(0, 1, 2, 3)],
    ['one structure', blocks(0, 0, 0, 1)],
    ['one structure, as other programs write it', blocks(0, 0, 0, 255)],
    ['ids with a gap, as BraTS has them', blocks(0, 1, 2, 4)],
  ])('is recognised by its values: %s', (_, values) => {
    const map = recognised(values);
    expect(map).toMatchObject({ because: 'values', unusable: null });
    expect([...(map?.voxels ?? [])]).toEqual(
      [...new Set(values)].map((id) => [id, values.filter((v) => v === id).length]),
    );
  });

  const noise = (levels: number) => Array.from({ length: 256 }, (_, i) => (i * 7919 + (i >> 3) * 104729) % levels);
  it.each([
    ['a picture of few counts', noise(12)],
    ['a picture of bytes', noise(251)],
    ['grey blocks', blocks(0, 300, 600, 900)],
    ['grey blocks below 256', blocks(0, 60, 120, 200)],
    ['one value', blocks(0, 0, 0, 0)],
    ['nothing that is background', blocks(1, 2, 3, 4)],
    ['parts', blocks(0, 0.5, 1, 2)],
    ['Hounsfield units', blocks(-1000, 0, 1, 2)],
    ['values that are no numbers', blocks(0, 1, 2, Number.NaN)],
  ])('is not %s', (_, values) => {
    expect(recognised(values)).toBeNull();
  });

  it('is what its header calls one, whatever its values', () => {
    expect(recognised(blocks(0, 60, 120, 200), INTENT_LABEL)).toMatchObject({ because: 'header', unusable: null });
    const beyond = recognised(blocks(0, 2, 17, 2035), INTENT_LABEL);
    expect(beyond).toMatchObject({
      because: 'header',
      voxels: null,
      unusable: { code: 'label-map-unusable', parameters: { value: '2035', largest: 255 } },
    });
    expect(recognised(blocks(0, 1, 2, 0.1 + 0.2), INTENT_LABEL)?.unusable).toMatchObject({
      parameters: { value: '0.3' },
    });
  });
});

describe('a label table', () => {
  const names: LabelName[] = [
    { id: 0, name: 'background', color: [0, 0, 0] },
    { id: 3, name: 'liver & <bile> ]]> duct', color: [221, 130, 101] },
    { id: 4, name: 'Käse 腎', color: [1, 2, 255] },
  ];

  it('is read back from a mask of ours with the map, from NIfTI-1 and NIfTI-2', async () => {
    const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] as const;
    const data = Uint8Array.from(blocks(0, 3, 4, 4));
    const grid = { dimsXyz: [8, 8, 4], spacingXyz: [1, 1, 1], affine } as const;
    const one = await writeLabelNifti({ ...grid, data }, { labelNames: names });
    const read = await readNifti(new Blob([one]), 'mask.nii.gz');
    expect(read.labelMap).toMatchObject({ because: 'header', unusable: null, names });
    expect(read.labelMap?.voxels).toEqual(
      new Map([
        [0, 64],
        [3, 64],
        [4, 128],
      ]),
    );
    expect(read.data).toEqual(data);
    const forms = { ...read.forms, version: 2 } as typeof read.forms;
    const two = await writeLabelNifti({ ...grid, forms, data }, { labelNames: names });
    expect((await readNifti(new Blob([two]), 'mask2.nii.gz')).labelMap?.names).toEqual(names);
  });

  it('is understood as others write it', () => {
    const xml = `<CaretExtension><LabelTable>
      <Label Blue="0.5" Green='1' Red="0" Key="7" Alpha="1">Left &amp; right &#233;&#x4e2d;</Label>
      <Label Key="-3"><![CDATA[below]]></Label>
      <Label Key="x" Red="1" Green="1" Blue="1">no id</Label>
      <Label Key="9" Red="9" Green="nan" Blue="-1"><![CDATA[]]></Label>
      </LabelTable></CaretExtension>`;
    expect(readLabelTable(xml)).toEqual([
      { id: 7, name: 'Left & right é中', color: [0, 255, 128] },
      { id: -3, name: 'below', color: [128, 128, 128] },
    ]);
    expect(readLabelTable('<LabelTable><Label Key="1">cut')).toEqual([]);
    expect(readLabelTable('')).toEqual([]);
  });

  it('leaves a scan a scan, and its values as they are', async () => {
    const scan = await readNifti(new Blob([niftiFile({}, [0, 300, 5, 9, 2, 3, 4, 7])]), 'scan.nii');
    expect(scan.labelMap).toBeUndefined();
    expect(scan.data).toBeInstanceOf(Int16Array);
  });
});
