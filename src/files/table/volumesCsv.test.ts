import { describe, expect, it } from 'vitest';
import { csvCell, volumesCsv } from './volumesCsv';

describe('a cell of a CSV file', () => {
  it.each([
    ['liver', 'liver'],
    ['kidney, right', '"kidney, right"'],
    ['the "other"', '"the ""other"""'],
    ['two\r\nlines', '"two\r\nlines"'],
    // Some countries' spreadsheets split at semicolons.
    ['a;=1+1', '"a;=1+1"'],
    ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
    ['+1+1', "'+1+1"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', '"\'\t=1"'],
    ['\r=1', '"\'\r=1"'],
    ['\nx', '"\'\nx"'],
    ['  =1', "'  =1"],
    ['＝1', "'＝1"],
    ['a=1', 'a=1'],
    ['1+2+3', '1+2+3'],
    ['', ''],
  ])('with %j is %j', (text, written) => {
    expect(csvCell(text)).toBe(written);
  });

  it('with a number stays one, whatever its sign', () => {
    expect([-5, 0, 1.5].map(csvCell)).toEqual(['-5', '0', '1.5']);
  });
});

describe('the table of volumes', () => {
  const color: [number, number, number] = [1, 2, 3];

  it('lists every structure but background, then regions as the unions that they are, with scans and model', () => {
    const labels = ['background', 'kidney, right', 'the "other"', '=cmd|calc'].map((name, id) => ({ id, name, color }));
    const regions = [{ name: '-both', color, labels: [1, 3, 3] }];
    const sizes = new Map([
      [0, { voxels: 99, ml: 0.099 }],
      [1, { voxels: 1500, ml: 1.5 }],
      [3, { voxels: 500, ml: 0.5 }],
    ]);
    const scans = ['p_t1.nii', '@p_t2.nii'];
    expect(volumesCsv({ labels, regions, sizes, scans, by: 'brats 1.0.0' })).toBe(
      [
        'label_id,name,voxels,volume_ml,scan,model\r\n',
        '1,"kidney, right",1500,1.5000,p_t1.nii + @p_t2.nii,brats 1.0.0\r\n',
        '2,"the ""other""",0,0.0000,p_t1.nii + @p_t2.nii,brats 1.0.0\r\n',
        "3,'=cmd|calc,500,0.5000,p_t1.nii + @p_t2.nii,brats 1.0.0\r\n",
        "1+3,'-both,2000,2.0000,p_t1.nii + @p_t2.nii,brats 1.0.0\r\n",
      ].join(''),
    );
  });
});
