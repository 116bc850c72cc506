/** Every screen, list and dialog, by keyboard, without an accessibility violation that axe can find. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/setup.mjs';
import { say } from '../src/locales/say';
import { ENTRIES } from '../src/ui/menu/entries';
import { expectAccessible } from './fixtures/accessible';
import { scanWithBlock } from './fixtures/syntheticNifti';
import { useSyntheticSegmentation } from './fixtures/syntheticSegmentation';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';

const sourceOf = (path: string) => readFileSync(join(root, 'src', path), 'utf8');

/** Dialogs of which the menu knows nothing, and which the walk below opens in its own way. */
const BY_HAND = ['cardDialog', 'questionDialog'];

test('no dialog is left out of the walk', () => {
  const table = [...sourceOf('app/dialogs.tsx').matchAll(/^ {2}(\w+): (\w+Dialog),$/gm)];
  const inMenu = ENTRIES.flatMap((entry) => ('dialog' in entry ? [entry.dialog] : []));
  expect(inMenu.sort()).toEqual(table.map(([, name]) => name as string).sort());
  const components = table.map(([, , component]) => component.toLowerCase());
  const files = (readdirSync(join(root, 'src'), { recursive: true }) as string[]).filter(
    (path) => /\.tsx$/.test(path) && !/\.test\.tsx$/.test(path) && /<Dialog\b/.test(sourceOf(path)),
  );
  const names = files.map((path) => (path.split('/').at(-1) as string).replace('.tsx', ''));
  expect(names.filter((name) => !components.includes(name.toLowerCase())).sort()).toEqual(BY_HAND);
});

test('every screen and dialog can be used by everyone, as far as axe can tell', async ({ page }) => {
  await useSyntheticSegmentation(page);
  const app = new AppPage(page);
  const menu = page.getByRole('button', { name: 'Menu' }).first();

  /** Each dialog of the menu, opened and closed by keyboard. */
  const walkMenu = async () => {
    await menu.press('Enter');
    await expect(page.getByRole('menu')).toBeVisible();
    await expectAccessible(page, 'menu');
    await page.keyboard.press('Escape');
    for (const entry of ENTRIES) {
      if (!('dialog' in entry)) continue;
      const title = say(entry.title);
      await menu.press('Enter');
      await page.getByRole('menuitem', { name: title, exact: true }).press('Enter');
      await expect(page.locator('dialog[open]')).toHaveCount(1);
      await page.waitForLoadState('networkidle');
      // There may be a hundred alike.
      for (const more of (await page.locator('dialog[open] summary').all()).slice(0, 2)) await more.press('Enter');
      await expectAccessible(page, title);
      await page.keyboard.press('Escape');
      await expect(page.locator('dialog[open]')).toHaveCount(0);
      // Who works by keyboard is back where he was.
      await expect(menu, title).toBeFocused();
    }
  };

  await app.gotoApp();
  await expectAccessible(page, 'start');
  await app.openFile(Buffer.from('no scan '.repeat(100)), 'notes.txt');
  await expect(app.error()).toBeVisible();
  await expectAccessible(page, 'start: an error');
  await app.hoverFile();
  await expect(page.getByTestId('page-drop')).toBeVisible();
  await expectAccessible(page, 'start: a file held over the page');

  await app.openFile(scanWithBlock('RAS'), 'block.nii');
  await app.waitForScan('block.nii');
  await expectAccessible(page, 'a scan');
  await page.getByRole('button', { name: /^Model card/ }).press('Enter');
  await expect(page.getByTestId('model-card').locator('h3').first()).toBeVisible();
  await expectAccessible(page, 'a card');
  await page.keyboard.press('Escape');
  await app.segment();
  await app.waitForSegmented(30_000);
  await expectAccessible(page, 'masks');
  await walkMenu();
  await app.select('Run on').press('Enter');
  await expect(page.getByRole('listbox')).toBeVisible();
  await expectAccessible(page, 'a list');
  await page.keyboard.press('Escape');
  await app.openFile(scanWithBlock('RAS'), 'another.nii');
  await expect(app.question()).toBeVisible();
  await expectAccessible(page, 'a question');
  await page.keyboard.press('Escape');
});
