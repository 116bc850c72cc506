/** Mouse and keys. */
import type { Page } from '@playwright/test';
import { goToBlock } from './fixtures/goToBlock';
import { scanWithBlock } from './fixtures/syntheticNifti';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';

/** The page with a scan of one bright block open. */
async function withBlock(page: Page): Promise<AppPage> {
  const app = new AppPage(page);
  await app.gotoApp();
  await app.openFile(scanWithBlock('RAS'), 'block.nii');
  await app.waitForScan('block.nii');
  return app;
}

test('wheel and arrows go through the slices', async ({ page }) => {
  const app = await withBlock(page);
  await expect(app.slice('coronal')).toHaveText('8 / 14');
  await app.wheelPane('coronal', 120);
  await expect(app.slice('coronal')).toHaveText('7 / 14');
  await page.keyboard.press('ArrowUp');
  await expect(app.slice('coronal')).toHaveText('8 / 14');
  await expect(app.pane('coronal')).toHaveAttribute('aria-valuenow', '8');
  expect(app.problems).toEqual([]);
});

test('a drag and the keys of presets set the window; R resets it and leaves the crosshair', async ({ page }) => {
  const app = await withBlock(page);
  await app.dragPane('axial', 40, 0);
  await expect(app.select('Window')).toContainText('By hand');
  await page.keyboard.press('2');
  await expect(app.status()).toContainText('W 1500');
  await expect(app.status()).toContainText('L −600');
  // Off the middle, so that a reset that moved the crosshair would be seen.
  await page.keyboard.press('PageUp');
  const slices = await app.slices();
  await page.keyboard.press('r');
  await expect(app.select('Window')).toContainText('Automatic');
  expect(await app.slices()).toEqual(slices);
  expect(app.problems).toEqual([]);
});

test('after a choice from a list with the pointer, keys are of the pane under it', async ({ page }) => {
  const app = await withBlock(page);
  await app.select('Window').click();
  await page.getByRole('option', { name: 'Lung' }).click();
  await expect(app.select('Window')).toBeFocused();
  await app.hoverPane('coronal', 0.5, 0.5);
  await page.keyboard.press('s'); // "Soft tissue" in the list
  await page.keyboard.press('ArrowUp');
  await expect(app.slice('coronal')).toHaveText('9 / 14');
  await expect(app.select('Window')).toContainText('Lung');
  expect(app.problems).toEqual([]);
});

test('a right drag zooms', async ({ page }) => {
  const app = await withBlock(page);
  const scaleBefore = (await app.pane('axial').locator('.scale').boundingBox())?.width;
  await app.dragPane('axial', 0, 150, 'right');
  const bar = app.pane('axial').locator('.scale');
  expect([(await bar.boundingBox())?.width, await bar.textContent()]).not.toEqual([scaleBefore, '5 cm']);
  expect(app.problems).toEqual([]);
});

test('a double click maximises and leaves the crosshair; what lies over the panes has the keys first', async ({
  page,
}) => {
  const app = await withBlock(page);
  const slices = await app.slices();
  await app.doubleClickPane('sagittal', 0.4, 0.3);
  await expect(app.pane('axial')).toBeHidden();
  await page.keyboard.press('?');
  const help = page.getByRole('heading', { name: 'Keys and mouse' });
  await expect(help).toBeVisible();
  // What lies over the panes goes first, wherever the focus is.
  await help.click();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await expect(app.pane('axial')).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(app.pane('axial')).toBeVisible();
  expect(await app.slices()).toEqual(slices);
  expect(app.problems).toEqual([]);
});

test('the line below speaks of what is under the pointer now, whatever has moved since the pointer did', async ({
  page,
}) => {
  const app = await withBlock(page);
  await goToBlock(app);
  const { x, y } = (await app.brightSpots()).axial;
  await app.hoverPane('axial', x, y);
  await expect(app.status()).toContainText(/Pointer.*S (18|20|22)\.\d mm.*Value 1000/);
  await expect(app.slice('axial')).toHaveText('15 / 20');
  await page.mouse.wheel(0, 4 * 120);
  await expect(app.slice('axial')).toHaveText('11 / 20');
  await expect(app.status()).toContainText(/Pointer.*S 2\.0 mm.*Value 100\D/);
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowUp');
  await expect(app.status()).toContainText(/Pointer.*Value 1000/);
  await app.choose('Sides', 'Neurological'); // the open list had the pointer
  await app.hoverPane('axial', x, y);
  await expect(app.status()).toContainText(/Pointer.*L (19|20|21)\.\d.*Value 100\D/);
  expect(app.problems).toEqual([]);
});
