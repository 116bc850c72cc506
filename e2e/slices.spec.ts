/** What slices show: which side is where, in which shape, and that they come back. */

import { goToBlock } from './fixtures/goToBlock';
import { scanWithBlock, syntheticNifti } from './fixtures/syntheticNifti';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';

test("a block on the patient's right, front and top is drawn there, however the file is stored", async ({ page }) => {
  const app = new AppPage(page);
  await app.gotoApp();
  for (const code of ['RAS', 'LPS', 'LPI', 'PSR']) {
    await test.step(code, async () => {
      await app.openFile(scanWithBlock(code), `${code}.nii`);
      await app.waitForScan(`${code}.nii`);
      expect([await app.letters('axial'), await app.letters('coronal'), await app.letters('sagittal')]).toEqual([
        'R L A P',
        'R L S I',
        'A P S I',
      ]);
      await goToBlock(app);
      // Radiological: the patient's right is on the left of the image; front up in axial, left in sagittal.
      const spots = await app.brightSpots();
      for (const plane of ['axial', 'coronal', 'sagittal'] as const) {
        const spot = spots[plane];
        expect(spot.pixels, plane).toBeGreaterThan(50);
        expect(spot.x, plane).toBeLessThan(0.45);
        expect(spot.y, plane).toBeLessThan(0.45);
      }
      await app.clickPane('axial', spots.axial.x, spots.axial.y);
      await expect(app.status()).toContainText('Value 1000');
      await expect(app.status()).toContainText(/R (19|20|21)\.\d {2}A (17|18|19|20|21|22)\.\d {2}S (18|20|22)\.\d mm/);
    });
  }
});

test('neurological sides mirror axial and coronal, letters and picture alike, and leave sagittal', async ({ page }) => {
  const app = new AppPage(page);
  await app.gotoApp();
  await app.openFile(scanWithBlock('LPI'), 'block.nii');
  await app.waitForScan('block.nii');
  await goToBlock(app);
  await app.choose('Sides', 'Neurological');
  await expect(app.pane('axial')).toHaveAttribute('data-letters', 'L R A P');
  const spots = await app.brightSpots();
  expect(spots.axial.x).toBeGreaterThan(0.55);
  expect(spots.coronal.x).toBeGreaterThan(0.55);
  expect(await app.letters('sagittal')).toBe('A P S I');
  expect(spots.sagittal.x).toBeLessThan(0.45);
});

test('pixels keep the shape of millimetres', async ({ page }) => {
  const app = new AppPage(page);
  await app.gotoApp();
  // A bright box of 40 x 40 x 40 mm in voxels of 1 x 2 x 4 mm.
  const file = syntheticNifti({
    dims: [60, 30, 15],
    affine: [-1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 4, 0],
    value: (i, j, k) => (i >= 10 && i < 50 && j >= 5 && j < 25 && k >= 2 && k < 12 ? 1000 : 0),
  });
  await app.openFile(file, 'box.nii');
  await app.waitForScan('box.nii');
  for (const [plane, { width, height, rgb }] of Object.entries(await app.pictures())) {
    let [left, right, top, bottom] = [width, 0, height, 0];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (rgb(x, y)[0] < 128) continue;
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
    }
    // Half of the largest voxel either way, in a box of 40 mm.
    expect((right - left) / (bottom - top), plane).toBeGreaterThan(0.93);
    expect((right - left) / (bottom - top), plane).toBeLessThan(1.07);
  }
});

test('the picture returns after the graphics context is lost', async ({ page }) => {
  const app = new AppPage(page);
  await app.gotoApp();
  await app.openFile(scanWithBlock('RAS'), 'block.nii');
  await app.waitForScan('block.nii');
  await goToBlock(app);
  const before = (await app.brightSpots()).axial;
  const message = page.getByText('The graphics hardware was taken away');
  await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.panes-canvas');
    const extension = canvas?.getContext('webgl2')?.getExtension('WEBGL_lose_context');
    extension?.loseContext();
    Object.assign(window, { giveBack: () => extension?.restoreContext() });
  });
  await expect(message).toBeVisible();
  await page.evaluate(() => (window as unknown as { giveBack: () => void }).giveBack());
  await expect(message).toBeHidden();
  await expect.poll(async () => (await app.brightSpots()).axial.pixels).toBe(before.pixels);
});
