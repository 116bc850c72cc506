import { expectAccessible } from './fixtures/accessible';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';

test('the start page: no complaint, no other host, by keyboard alone, and nothing that axe can find', async ({
  page,
  baseURL,
}) => {
  const app = new AppPage(page);
  await app.gotoApp();
  await expect(page.getByText('Files never leave this computer.')).toBeVisible();
  await expect(page.getByText('Not for clinical use.')).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(app.problems).toEqual([]);
  const origin = new URL(baseURL as string).origin;
  expect(app.requests.filter((url) => /^(https?|wss?):/.test(url) && new URL(url).origin !== origin)).toEqual([]);
  expect(app.requests.length).toBeGreaterThan(1);

  for (const name of ['Menu', 'Open a file…', /Try it with a sample brain/]) {
    await page.keyboard.press('Tab');
    await expect(page.getByRole('button', { name })).toBeFocused();
  }

  await expectAccessible(page);
});
