import { describe, expect, it } from 'vitest';
import { csvName, maskName, stem } from '../names';
import { csvCell, volumesCsv } from './volumesCsv';

describe('file names', () => {
  it('say which scan was segmented by what', () => {
    expect(maskName('brain_t1.nii.gz', 'brain-mri')).toBe('brain_t1_brain-mri.nii.gz');
    expect(maskName('Scan.NII', 'x')).toBe('Scan_x.nii.gz');
    expect(csvName('a.nii', 'x')).toBe('a_x_volumes.csv');
    expect(['a.b.nii.gz', 'a.gz', 'noending', '.nii.gz'].map(stem)).toEqual(['a.b', 'a', 'noending', 'scan']);
  });

  it.each([
    ['../../etc/passwd.nii', '_.._etc_passwd_x.nii.gz'],
    ['a\\b:c*d?"<e>|.nii', 'a_b_c_d___e___x.nii.gz'],
    ['.hidden.nii', 'hidden_x.nii.gz'],
    ['dots...nii', 'dots_x.nii.gz'],
    ['  spaces  .nii.gz', 'spaces_x.nii.gz'],
    ['tab\there\nline\u0000.nii', 'tabhereline_x.nii.gz'],
    // A right-to-left mark shows "gpj.exe" as "exe.jpg".
    ['scan\u202egpj.nii', 'scangpj_x.nii.gz'],
    ['CON.nii', '_CON_x.nii.gz'],
    ['nul.t1.nii', '_nul.t1_x.nii.gz'],
    ['Lpt1 .nii', '_Lpt1_x.nii.gz'],
    ['console.nii', 'console_x.nii.gz'],
    ['...nii', 'scan_x.nii.gz'],
    ['Käse_腎臓.nii', 'Käse_腎臓_x.nii.gz'],
  ])('of %j are ones that every system takes', (name, expected) => {
    expect(maskName(name, 'x')).toBe(expected);
  });

  it('fit into 255 bytes, with whole characters', () => {
    for (const letter of ['a', 'ä', '腎', '🧠']) {
      const name = maskName(`${letter.repeat(300)}.nii.gz`, 'm'.repeat(60));
      expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(255);
      expect(name).toMatch(new RegExp(`^(${letter})+_m+\\.nii\\.gz$`, 'u'));
    }
  });
});

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
