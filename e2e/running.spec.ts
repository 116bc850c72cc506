/** A run as the user sees it: its progress, its first masks, and its end. */

import { scanWithBlock, syntheticNifti } from './fixtures/syntheticNifti';
import { useSyntheticSegmentation } from './fixtures/syntheticSegmentation';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';

test('finished slices get their masks while the run goes on; a cancel brings back what was there', async ({ page }) => {
  await useSyntheticSegmentation(page, { windows: 4, slabs: true });
  const app = new AppPage(page);
  await app.gotoApp();
  // Stored as (x, y, z) growing to Left, Posterior, Superior, so the first slices to be finished are the lowest.
  const file = syntheticNifti({
    dims: [40, 40, 20],
    affine: [-2, 0, 0, 40, 0, -2, 0, 40, 0, 0, 4, 0],
    value: () => 500,
  });
  await app.openFile(file, 'flat.nii');
  await app.waitForScan('flat.nii');
  const grey = (rgb: readonly number[]) => new Set(rgb).size === 1;
  /** In the coronal pane a fifth from the bottom and from the top, in the patient's right half. */
  const lowAndHigh = async () => {
    const { width, height, rgb } = (await app.pictures()).coronal;
    return [0.75, 0.25].map((y) => rgb(Math.round(width * 0.35), Math.round(height * y)));
  };
  expect((await lowAndHigh()).map(grey)).toEqual([true, true]);

  await page.evaluate(() => Object.assign(window, { holdRun: true }));
  await app.segment();
  await expect.poll(async () => (await lowAndHigh()).map(grey)).toEqual([false, true]);
  await app.cancel();
  await app.waitForStatus('cancelled');
  await expect.poll(async () => (await lowAndHigh()).map(grey)).toEqual([true, true]);

  await page.evaluate(() => Reflect.deleteProperty(window, 'holdRun'));
  await app.segment();
  await app.waitForSegmented(60_000);
  // The crosshair's slice was not among the first, and nothing has moved since.
  await expect(app.status()).toContainText('left front');
  await app.toggleLabel('left front'); // stored "left" is the patient's right
  await app.toggleLabel('left back');
  await expect.poll(async () => (await lowAndHigh()).map(grey)).toEqual([true, true]);
  await app.toggleLabel('left front');
  await app.toggleLabel('left back');
  const whole = await lowAndHigh();
  expect(whole.map(grey)).toEqual([false, false]);
  await page.evaluate(() => Object.assign(window, { holdRun: true }));
  // A second run starts from nothing again; ended early, it leaves the first one's masks.
  await app.segment();
  await expect.poll(async () => (await lowAndHigh()).map(grey)).toEqual([false, true]);
  await expect(app.status()).toContainText('no structure');
  await app.cancel();
  await app.waitForStatus('cancelled');
  await expect.poll(lowAndHigh).toEqual(whole);
  await expect(app.status()).toContainText('left front');
  expect(app.problems).toEqual([]);
});

test('a run shows its progress and can be cancelled and repeated', async ({ page }) => {
  await useSyntheticSegmentation(page, { windows: 6, windowMs: 400 });
  const app = new AppPage(page);
  await app.gotoApp();
  await app.openFile(scanWithBlock('RAS'), 'block.nii');
  await app.waitForScan('block.nii');
  await app.segment();
  await expect(app.phase()).toHaveText(/Segmenting, window \d of 6/);
  await expect(page.getByRole('progressbar')).toBeVisible();
  await app.hoverFile();
  await expect(page.getByTestId('page-drop')).toContainText('A segmentation is running');
  await expect(page.getByTestId('page-drop').locator('span')).toHaveCSS('display', 'block'); // a line of its own
  await app.dropFile(scanWithBlock('RAS'), 'other.nii');
  await app.cancel();
  await app.waitForStatus('cancelled');
  await expect(page.getByTestId('run-status')).toHaveText(/Cancelled/);
  await app.segment();
  await app.waitForSegmented(30_000);
  await expect(app.runReport()).toContainText('A test stands in for the model.');
});
