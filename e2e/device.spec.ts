/** "This computer": what it is, how fast it is, what a run would take, and what the run then took. */
import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import type { Locator, Page } from '@playwright/test';
import { cropNifti } from './fixtures/cropNifti';
import { demo } from './fixtures/demo';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';

async function openDialog(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Menu' }).first().press('Enter');
  await page.getByRole('menuitem', { name: 'This computer' }).press('Enter');
  return page.getByTestId('device');
}

test('a computer is measured, a run predicted, and the prediction compared with it', async ({ page }) => {
  const app = new AppPage(page);
  await app.gotoApp('?model=models/hippocampus/');
  await app.openFile(cropNifti(readFileSync(demo), [35, 78, 83], [32, 48, 32]), 'SECRET^PATIENT.nii');
  await app.waitForScan('SECRET^PATIENT.nii');
  const dialog = await openDialog(page);
  await expect(dialog).toContainText(/swiftshader \(software\)/i);
  await expect(dialog.getByTestId('advice')).toContainText('made of software');
  await expect(dialog.getByTestId('advice').getByRole('row').first()).toContainText(
    'chrome://flags/#enable-unsafe-webgpu',
  );
  await dialog.getByRole('button', { name: 'Measure', exact: true }).press('Enter');
  await expect(dialog.getByTestId('speed')).toContainText(/[\d.]+ GFLOP\/s/);
  await expect(dialog.getByTestId('next-run')).toContainText(/First run on this computer: .+ on 2 threads/);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('plan')).toContainText(/^First run on this computer/);
  await app.segment();
  await app.waitForSegmented();
  await expect(app.runReport()).toContainText(/\(predicted .+\)/);
  await expect(page.getByTestId('plan')).toContainText(/^(?!First).* s and .+ MB beside the network on 2 threads/);
  await openDialog(page);
  await expect(dialog.getByTestId('next-run')).toContainText(/took .+, predicted .+ without the download/);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await dialog.getByRole('button', { name: 'Copy report' }).press('Enter');
  await expect(dialog.getByText('Copied.')).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toMatch(
    /^\| adapter .*\n.*\n\| google swiftshader \(software\) .+ hippocampus 0\.1\.0, wasm: 1 windows/,
  );
  expect(copied).not.toMatch(/secret|patient/i);
  const saving = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Save report (.json)' }).press('Enter');
  const file = readFileSync(await (await saving).path(), 'utf8');
  expect(copied).toContain(file);
  expect(app.problems).toEqual([]);
});
