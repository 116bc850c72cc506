import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { AppPage } from './pages/appPage';

test('the start page comes up without a complaint and without a request to another host', async ({ page, baseURL }) => {
  const app = new AppPage(page);
  await app.gotoApp();
  await expect(page.getByText('Files never leave this computer.')).toBeVisible();
  await expect(page.getByText('Not for clinical use.')).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(app.problems).toEqual([]);
  const origin = new URL(baseURL as string).origin;
  expect(app.requests.filter((url) => /^(https?|wss?):/.test(url) && new URL(url).origin !== origin)).toEqual([]);
  expect(app.requests.length).toBeGreaterThan(1);
});

test('the start page has no accessibility violation that axe can find', async ({ page }) => {
  await new AppPage(page).gotoApp();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
});

test('the keyboard alone reaches the file button and the sample', async ({ page }) => {
  await new AppPage(page).gotoApp();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Open a file…' })).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: /Try it with a sample brain/ })).toBeFocused();
});
