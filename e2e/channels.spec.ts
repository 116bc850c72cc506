import { modelFolder } from '../src/testing/modelFolder';
import { syntheticNifti } from './fixtures/syntheticNifti';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';
import { ModelsPage, writeFolder } from './pages/modelsPage';

const FOUR = 'Tiny four-channel model';

/** A bright block in the middle whose brightness tells the images apart. */
const image = (bright: number, dims: readonly [number, number, number] = [24, 22, 20]) =>
  syntheticNifti({
    dims,
    affine: [4, 0, 0, -46, 0, 4, 0, -42, 0, 0, 4, -38],
    value: (i, j, k) => ([i, j, k].every((v) => v >= 8 && v < 14) ? bright : 40 + ((i * 7 + j * 5 + k * 3) % 60)),
  });

const scans = ['flair', 't1', 't1ce', 't2'].map((name, i) => ({ name: `p1_${name}.nii`, bytes: image(200 + 100 * i) }));

test('four scans dropped together find their channels, are shown one by one, and are segmented', async ({
  page,
}, info) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  await app.gotoApp();
  await models.dropPaths(writeFolder(info.outputPath('four'), modelFolder('plain-sum').files()));
  await models.expectOutcome(`${FOUR} was added and chosen`);
  await expect(models.row(FOUR)).toContainText('Needs 4 scans on one grid: T1, T1ce, T2, FLAIR');
  await models.close();

  await app.openFiles(scans.slice(0, 3));
  await app.waitForScan('p1_flair.nii');
  expect(await app.channels()).toEqual({ T1: 'p1_t1.nii', T1ce: 'p1_t1ce.nii', T2: '', FLAIR: 'p1_flair.nii' });
  await expect(app.segmentButton()).toBeDisabled();
  await expect(page.getByText('Choose a scan for T2 first.')).toBeVisible();

  // A scan of another size cannot join; nothing is lost.
  await app.openFiles([{ name: 'p2_t2.nii', bytes: image(300, [24, 22, 19]) }], 'add-scans-input');
  await expect(app.error()).toContainText('24 x 22 x 19 and 24 x 22 x 20 voxels');
  expect((await app.channels()).T1).toBe('p1_t1.nii');

  // The last one is dropped later, and joins.
  await app.dropFile(scans[3].bytes, scans[3].name);
  await expect.poll(async () => (await app.channels()).T2).toBe('p1_t2.nii');
  await app.waitForScan('p1_flair.nii');

  await app.clickPane('axial', 0.5, 0.5);
  await expect(app.status()).toContainText('Value 200');
  await app.choose('Show', 'p1_t1.nii');
  await app.waitForScan('p1_t1.nii');
  await expect(app.status()).toContainText('Value 300'); // same place, other image

  await expect(page.getByLabel(/Average over mirrored windows/)).not.toBeChecked();
  await app.selectProvider('wasm');
  await app.segment();
  await app.waitForSegmented();
  await expect(app.runReport()).toContainText('windows');
  await app.choose('T1', 'p1_flair.nii'); // by hand: the two swap
  expect(await app.channels()).toMatchObject({ T1: 'p1_flair.nii', FLAIR: 'p1_t1.nii' });
  expect(app.problems).toEqual([]);
});
