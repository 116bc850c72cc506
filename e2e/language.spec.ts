/** In a language made by a machine, no text of the page is left in English. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { root } from '../scripts/setup.mjs';
import { accented } from '../src/locales/pseudo';
import { tinyBox } from './fixtures/demo';
import { scanWithBlock } from './fixtures/syntheticNifti';
import { expect, test } from './fixtures/test';
import { serveTinyModel, tinyModelUrl } from './fixtures/tinyModel';
import { AppPage } from './pages/appPage';
import { untranslated } from './pages/languagePage';

const button = (page: Page, english: string) => page.getByRole('button', { name: accented(english), exact: true });

/** What the story itself brings, and what models and devices say of themselves. */
const DATA: string[] = [
  ...['notes.txt', 'box.nii.gz', 'block.nii', 'onnx', 'SwiftShader'],
  ...['one', 'two', 'fp32', 'fp16', 'tiny'],
  ...JSON.parse(readFileSync(join(root, 'public/models/index.json'), 'utf8')).models.flatMap((name: string) =>
    stringsIn(JSON.parse(readFileSync(join(root, 'public/models', name, 'model.json'), 'utf8'))),
  ),
];

/** Every string in a JSON value. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

test('every text is translated: start, scan, run, result, dialogs, errors and warnings', async ({ page }) => {
  await serveTinyModel(page);
  const app = new AppPage(page);
  const check = (where: string) =>
    test.step(where, () => expect.soft(untranslated(page, DATA), where).resolves.toEqual([]));

  await app.gotoApp(`?lang=en-XA&model=${tinyModelUrl}`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en-XA');
  await expect(button(page, 'Open a file…')).toBeVisible();
  await check('start');
  await test.step('what is not translated is found', async () => {
    const added = await page.evaluateHandle(() => {
      const element = document.createElement('p');
      element.title = 'Said by nobody';
      element.textContent = 'Not translated';
      return document.body.appendChild(element);
    });
    expect(await untranslated(page, DATA)).toEqual(['Said by nobody', 'Not translated']);
    await added.evaluate((element) => element.remove());
  });
  await app.dropFile(Buffer.from('Patient came in on Monday.\n'.repeat(40)), 'notes.txt');
  await expect(app.error()).toBeVisible();
  await check('an error');

  await button(page, 'Choose or add models…').click();
  const models = page.getByRole('dialog', { name: accented('Models') });
  await expect(models.locator('[data-model]').first()).toBeVisible();
  for (const summary of await models.locator('summary').all()) await summary.click();
  await check('models');
  for (const card of [models.locator('[data-model]').first(), models.locator('[data-model*=tiny]')]) {
    await card.getByRole('button').first().click();
    await expect(page.getByTestId('model-card').locator('h3').first()).toBeVisible();
    await check('a card');
    await page.keyboard.press('Escape');
  }
  await page.keyboard.press('Escape');

  const { name, buffer } = tinyBox();
  await app.openFile(buffer, name);
  await app.waitForScan(name);
  await check('a scan');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: accented('Keys and mouse') })).toBeVisible();
  await check('keys and mouse');
  await page.keyboard.press('Escape');
  for (const list of await page.locator('button[aria-haspopup=listbox]').all()) {
    await list.press('Enter');
    await expect(page.getByRole('listbox')).toBeVisible();
    await check('a list');
    await page.keyboard.press('Escape');
    await expect(page.getByRole('listbox')).toBeHidden();
  }

  await button(page, 'Segment').or(button(page, 'Segment anyway')).click();
  await app.waitForSegmented();
  await check('a result');
  const row = page.getByTestId('legend').locator('tr[data-label]').first();
  await row.getByRole('button').last().focus();
  await expect(page.getByRole('tooltip')).toBeVisible();
  await check('a tooltip');

  await app.openFile(scanWithBlock('RAS'), 'block.nii');
  await expect(app.question()).toBeVisible();
  await check('a question');
  await page.keyboard.press('Escape');
  await app.hoverFile();
  await expect(page.getByTestId('page-drop')).toBeVisible();
  await check('a file held over the page');
});
