import { readFileSync } from 'node:fs';
import { modelFolder } from '../src/testing/modelFolder';
import { expectAccessible } from './fixtures/accessible';
import { scanWithBlock } from './fixtures/syntheticNifti';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';
import { ModelsPage, writeFolder } from './pages/modelsPage';

const TINY = 'Tiny test model';
const HIPPOCAMPUS = 'Hippocampus, anterior and posterior';

const read = (file: string) => readFileSync(new URL(`../public/models/hippocampus/${file}`, import.meta.url), 'utf8');
const evaluation = JSON.parse(read('evaluation.json')).development;
const manifest = JSON.parse(read('model.json'));

test("a bundled model's card opens by keyboard, with its figures, commands and licence, and gives the focus back", async ({
  page,
}) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  await app.gotoApp();
  await models.open();
  const button = models.cardButton(HIPPOCAMPUS);
  await button.press('Enter');
  const card = models.card();
  await expect(card.getByRole('heading', { level: 2 })).toHaveText(manifest.title);
  for (const name of ['Use', 'Quality', 'Failures looked at', 'Training', 'Licence']) {
    await expect(card.getByRole('heading', { name, exact: true })).toBeVisible();
  }
  for (const [name, { dice, hd95Mm }] of Object.entries<Record<string, { mean: number }>>(evaluation.summary)) {
    const row = card.getByRole('row', { name }).first();
    await expect(row).toContainText(dice.mean.toFixed(3));
    await expect(row).toContainText(hd95Mm.mean.toFixed(1));
  }
  await expect(card).toContainText(evaluation.command);
  await expect(card).toContainText(manifest.unintendedUse);
  await expect(card).toContainText(`Weights: ${manifest.license}`);
  await expect(card.getByText('Experimental')).toHaveCount(0);
  await expectAccessible(page);

  await page.keyboard.press('Escape');
  await expect(card).toBeHidden();
  await expect(models.dialog()).toBeVisible();
  await expect(button).toBeFocused();
  expect(app.problems).toEqual([]);
});

test('the card of the chosen model opens from the side panel, and fits a narrow window', async ({ page }) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  await page.setViewportSize({ width: 900, height: 700 });
  await app.gotoApp();
  await models.open();
  await models.choose(HIPPOCAMPUS);
  await models.close();
  await app.openFile(scanWithBlock('RAS'), 'block.nii');
  await app.waitForScan('block.nii');
  await page.getByRole('button', { name: /^Model card/ }).click();
  await expect(models.card()).toContainText('Failures looked at');
  const sideways = await models.card().evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth);
  expect(sideways).toBe(0);
  await models.card().getByRole('button', { name: 'Close' }).click();
  await expect(models.card()).toBeHidden();
});

test('an added model without a card shows what its model.json says, and an experimental one that it is', async ({
  page,
}, info) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  const folder = modelFolder();
  Object.assign(folder.manifest, {
    experimental: true,
    trainingData: [{ name: 'Ten phantoms', license: 'CC0', source: 'a workshop' }],
    evaluation: [
      { scan: 'first.nii', command: 'measure first', dice: { 'structure 1': 0.8125, 'structure 2': 0.5 } },
      { scan: 'second.nii', command: 'measure second', dice: { 'structure 1': null, 'structure 2': 0.25 } },
    ],
  });
  await app.gotoApp();
  await models.dropPaths(writeFolder(info.outputPath('tiny'), folder.files()));
  await models.expectOutcome(`${TINY} was added and chosen`);
  await expect(models.row(TINY).getByText('Experimental')).toBeVisible();
  await models.cardButton(TINY).click();
  const card = models.card();
  await expect(card).toContainText('no card (MODEL_CARD.md) at hand');
  await expect(card).toContainText('Experimental: not good enough to rely on');
  await expect(card).toContainText('Intended: Tests. Its weights are random.');
  await expect(card).toContainText('Limits: Its masks mean nothing.');
  await expect(card.getByRole('row')).toHaveText([
    'structurefirst.niisecond.nii',
    'structure 10.813–',
    'structure 20.5000.250',
    'mean of the structures0.6560.250',
  ]);
  await expect(card.locator('pre')).toHaveText(['measure first', 'measure second']);
  await expect(card).toContainText('Ten phantoms. a workshop. Licence: CC0.');
  await expect(card).toContainText('Weights: Apache-2.0');
  await expectAccessible(page);
  expect(app.problems).toEqual([]);
});

test('an added model brings its card, which stays over a reload and is text, whatever it contains', async ({
  page,
  context,
}, info) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  const files = modelFolder().files();
  const text = `---\nlicense: mit\n---\n# ${TINY}\n\n## Quality\n\n| structure | Dice |\n| --- | --- |\n| structure 1 | 0.123 |\n\n<img src="https://elsewhere.example/a.png" onerror="document.title='taken over'"> ![chart](https://elsewhere.example/b.png) [run](javascript:alert(1)) [paper](https://elsewhere.example/paper)\n`;
  files.set('MODEL_CARD.md', new TextEncoder().encode(text));
  await app.gotoApp();
  await models.dropPaths(writeFolder(info.outputPath('tiny'), files));
  await models.expectOutcome(`${TINY} was added and chosen`);
  await page.reload({ waitUntil: 'networkidle' });
  await context.setOffline(true);
  await models.open();
  await models.cardButton(TINY).click();
  const card = models.card();
  await expect(card.getByRole('row', { name: 'structure 1' })).toContainText('0.123');
  await expect(card.getByRole('heading')).toHaveText([TINY, 'Quality']);
  await expect(card).not.toContainText('license: mit');
  await expect(card.getByRole('img')).toHaveCount(0);
  await expect(card).toContainText('[picture: chart]');
  await expect(card.getByRole('link')).toHaveText(['paper']);
  await context.setOffline(false);
  expect(app.requests.filter((url) => url.includes('elsewhere'))).toEqual([]);
  expect(await page.title()).not.toBe('taken over');
  expect(app.problems).toEqual([]);
});

test('a card that cannot be fetched or read takes nothing away', async ({ page }) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  let answer: 'reset' | 'binary' = 'reset';
  await page.route('**/hippocampus/MODEL_CARD.md', (route) =>
    answer === 'reset' ? route.abort('connectionreset') : route.fulfill({ body: Buffer.from([0x23, 0xff, 0]) }),
  );
  await app.gotoApp();
  await models.open();
  for (answer of ['reset', 'binary'] as const) {
    await models.cardButton(HIPPOCAMPUS).click();
    await expect(models.card()).toContainText('no card (MODEL_CARD.md) at hand');
    await expect(models.card()).toContainText(manifest.limitations);
    await page.keyboard.press('Escape');
  }
  await models.close();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a card is shown as it was typed when what sets it cannot be loaded', async ({ page }) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  await page.route('**/assets/markdown-*.js', (route) => route.abort('connectionreset'));
  await app.gotoApp();
  await models.open();
  await models.cardButton(HIPPOCAMPUS).click();
  await expect(models.card().locator('pre')).toContainText('| all structures |');
  await page.keyboard.press('Escape');
  await expect(models.dialog()).toBeVisible();
});
