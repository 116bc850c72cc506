/** Masks that are saved, kept from being lost, and opened again. */

import { flatScan, quarterColors, quarters, useQuarters } from './fixtures/quarters';
import { expect, test } from './fixtures/test';

test('volumes are saved with what they are of', async ({ page }) => {
  const app = await useQuarters(page);
  const csv = await app.download('volumes');
  expect(csv.name).toBe('flat_brain-mri_volumes.csv');
  expect(csv.bytes.toString()).toContain('\n1,left front,3600,72.0000,flat.nii,brain-mri ');
  expect(csv.bytes.toString()).toContain('\n1+3,left half,7200,144.0000,flat.nii,brain-mri ');
  expect(app.problems).toEqual([]);
});

test('a result that was not saved is not lost without a word', async ({ page }) => {
  const app = await useQuarters(page);
  await app.dropFile(flatScan, 'next.nii');
  await expect(app.question()).toContainText('The masks of Test quarters (MR) on flat.nii would be lost.');
  await page.keyboard.press('?'); // the list of keys does not cover it
  await expect(page.getByRole('heading', { name: 'Keys and mouse' })).toBeHidden();
  await app.reply('Keep the result');
  await app.waitForScan('flat.nii');
  expect((await app.legend())[0].ml).toBe('72.0');
  expect(await app.asksBeforeLeaving()).toBe(true);
  const mask = await app.download('mask');
  expect(mask.name).toBe('flat_brain-mri.nii.gz');
  await expect.poll(() => app.asksBeforeLeaving()).toBe(false);
  expect(app.problems).toEqual([]);
});

test('a mask that is dropped is no scan: it brings its names, and takes the place of a result only when asked', async ({
  page,
}) => {
  const app = await useQuarters(page);
  const { bytes } = await app.download('mask');
  await app.segment();
  await expect.poll(() => app.asksBeforeLeaving()).toBe(true);
  await app.waitForSegmented(30_000);
  await app.dropFile(bytes, 'corrected.nii.gz');
  await expect(app.question()).toContainText('This looks like a label map');
  await app.question().getByRole('button', { name: 'Show it over the open scan' }).click();
  await expect(app.question()).toContainText('would be lost');
  const saved = page.waitForEvent('download');
  await app.reply('Save the mask, then show corrected.nii.gz');
  expect((await saved).suggestedFilename()).toBe('flat_brain-mri.nii.gz');
  await expect(app.resultOrigin()).toHaveText('The file corrected.nii.gz, over flat.nii.');
  expect(await app.legend()).toEqual(
    ['left front', 'right front', 'left back', 'right back'].map((name) => ({ name, ml: '72.0' })),
  );
  await page.getByRole('radio', { name: 'Fill' }).check();
  await page.getByRole('slider', { name: 'Mask opacity' }).fill('100');
  expect(await quarters(app)).toEqual(quarterColors);
  expect((await app.download('volumes')).name).toBe('flat_corrected_volumes.csv');
  expect(app.problems).toEqual([]);
});
