import { describe, expect, it } from 'vitest';
import { csvName, maskName, stem } from './names';

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
