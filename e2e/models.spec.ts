import { readFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { modelFolder, unknownOperator, withNaN, withWeights } from '../src/testing/modelFolder';
import { expectAccessible } from './fixtures/accessible';
import { scanWithBlock, syntheticNifti } from './fixtures/syntheticNifti';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';
import { ModelsPage, writeFolder } from './pages/modelsPage';

const TINY = 'Tiny test model';

const readModels = (file: string) =>
  JSON.parse(readFileSync(new URL(`../public/models/${file}`, import.meta.url), 'utf8'));
/** Titles of the models that come with the app. */
const BUNDLED: string[] = readModels('index.json').models.map((name: string) => readModels(`${name}/model.json`).title);
const zip = (files: ReadonlyMap<string, Uint8Array>) => Buffer.from(zipSync(Object.fromEntries(files)));

test('a dropped folder is checked, tried, kept over a reload, used without a connection, and deleted', async ({
  page,
  context,
}, info) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  await app.gotoApp();
  await models.dropPaths(writeFolder(info.outputPath('tiny'), modelFolder('shared-concat', 3).files()));
  await models.expectOutcome(`${TINY} was added and chosen`);
  await expect(models.choice(TINY)).toBeChecked();
  await expect(models.row(TINY)).toContainText('0.3 MB');
  await expect(models.row(TINY)).toContainText('Quality not measured');
  await expect(models.row(TINY)).toContainText('Apache-2.0');
  await models.row(TINY).getByText('2 structures').click();
  await expect(models.row(TINY).getByRole('listitem')).toHaveText(['structure 1', 'structure 2']);

  await page.reload();
  await models.open();
  await expect(models.choice(TINY)).toBeChecked(); // the last choice is remembered
  await models.close();

  await app.openFile(scanWithBlock('RAS'), 'block.nii');
  await app.waitForScan('block.nii');
  await app.selectProvider('wasm');
  await app.segment();
  await app.waitForSegmented();
  expect((await app.legend()).map(({ name }) => name)).toEqual(['structure 1', 'structure 2']);

  await context.setOffline(true);
  await app.segment();
  await expect(app.phase()).toBeHidden();
  await app.waitForSegmented();
  await context.setOffline(false);

  await models.open();
  await models.delete(TINY);
  await expect(models.row(TINY)).toHaveCount(0);
  await page.reload();
  await models.open();
  await expect(models.row('Brain structures (MR, any contrast)')).toHaveCount(1);
  await expect(models.row(TINY)).toHaveCount(0);
  expect(app.problems).toEqual([]);
});

test('a zip and a chosen folder do as well; the same version replaces only after asking', async ({ page }, info) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  await app.gotoApp();
  await app.dropFile(zip(modelFolder().files()), 'tiny.zip');
  await models.expectOutcome('was added and chosen');

  const other = modelFolder('shared-concat', 2);
  Object.assign(other.manifest, { license: 'Another licence' });
  const folder = writeFolder(info.outputPath('again'), other.files());
  await models.chooseFolder(folder);
  await models.expectOutcome('version 1.0.0');
  await models.expectOutcome('is here already');
  await models.answer('Keep what is here');
  await expect(models.row(TINY)).toContainText('Apache-2.0');

  await models.chooseFolder(folder);
  await models.answer('Replace');
  await expect(models.row(TINY)).toContainText('Another licence');
  await expect(models.row(TINY)).toHaveCount(1);
});

const damaged = modelFolder('shared-concat', 3).files();
damaged.set('model.onnx.1', (damaged.get('model.onnx.1') as Uint8Array<ArrayBuffer>).slice().fill(9, 5, 9));
const noWeights = modelFolder().files();
noWeights.delete('model.onnx');
const noManifest = modelFolder().files();
noManifest.delete('model.json');
const tooManyLabels = modelFolder();
tooManyLabels.manifest.labels.push({ id: 3, name: 'one more', color: [1, 2, 3] });

const twoLabels = modelFolder();

const wrong = [
  { what: 'a damaged piece', files: damaged, says: 'model.onnx.1 is damaged' },
  { what: 'a missing weights file', files: noWeights, says: 'model.json names model.onnx' },
  { what: 'no model.json', files: noManifest, says: 'There is no model.json' },
  { what: 'labels that the network does not have', files: tooManyLabels.files(), says: '[1, 4, 16, 16, 16]' },
  {
    what: 'an operator of another project',
    files: withWeights(modelFolder(), unknownOperator('Swirl', 'com.example')),
    says: 'com.example::Swirl',
  },
  {
    what: 'an operator that ONNX Runtime does not know',
    files: withWeights(twoLabels, unknownOperator('Swirl', '')),
    says: 'The network uses the operator Swirl, which onnxruntime-web does not have on wasm.',
  },
  {
    what: 'weights that are not numbers',
    files: withWeights(modelFolder(), withNaN(modelFolder().files().get('model.onnx') as Uint8Array<ArrayBuffer>)),
    says: 'NaN or infinity',
  },
];
test('a wrong model folder gets a sentence, and nothing is lost', async ({ page }, info) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  await app.gotoApp();
  await app.openFile(scanWithBlock('RAS'), 'block.nii');
  await app.waitForScan('block.nii');
  for (const [i, { what, files, says }] of wrong.entries()) {
    await test.step(what, async () => {
      await models.dropPaths(writeFolder(info.outputPath(`model-${i}`), files));
      await models.expectOutcome(says);
      await models.expectOutcome('The model was not added.');
      expect(await models.titles()).toEqual(BUNDLED);
      await models.close();
      await app.waitForScan('block.nii');
      await expect(page.getByRole('alert')).toHaveCount(0);
    });
  }
});

test('a model and a scan dropped together are both taken', async ({ page }, info) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  await app.gotoApp();
  const files = new Map([...modelFolder().files(), ['block.nii', new Uint8Array(scanWithBlock('RAS'))]]);
  await models.dropPaths(writeFolder(info.outputPath('both'), files));
  await models.expectOutcome('was added and chosen');
  await models.close();
  await app.waitForScan(/block\.nii/);
});

test('the address can name a model of the same server, and no other', async ({ page, baseURL }) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  const files = modelFolder('shared-concat', 2).files();
  await page.route(/\/elsewhere\/[\w.]+$/, (route) => {
    const body = files.get(route.request().url().split('/').pop() as string);
    return body ? route.fulfill({ body: Buffer.from(body) }) : route.fulfill({ status: 404 });
  });
  await app.gotoApp('?model=/elsewhere/');
  await models.open();
  await expect(models.choice(TINY)).toBeChecked();
  await expect(models.row(TINY)).toContainText("From this page's address");
  await models.close();

  await app.gotoApp('?model=https://example.com/model/');
  await expect(app.error()).toContainText('https://example.com');
  await expect(app.error()).toContainText(new URL(baseURL as string).origin);
  await app.gotoApp('?model=/nowhere/');
  await expect(app.error()).toContainText('There is no model.json');
});

test('a download that breaks off goes on where it stopped', async ({ page }) => {
  const app = new AppPage(page);
  const folder = modelFolder('shared-concat', 3);
  const files = folder.files();
  const fetched: string[] = [];
  let broken = true;
  await page.route(/\/elsewhere\/[\w.]+$/, (route) => {
    const name = route.request().url().split('/').pop() as string;
    fetched.push(name);
    if (broken && name === 'model.onnx.2') return route.abort('connectionreset');
    const body = files.get(name);
    return body ? route.fulfill({ body: Buffer.from(body) }) : route.fulfill({ status: 404 });
  });
  await app.gotoApp('?model=/elsewhere/');
  await app.openFile(scanWithBlock('RAS'), 'block.nii');
  await app.waitForScan('block.nii');
  await app.selectProvider('wasm');
  await app.segment();
  await expect(app.error()).toContainText('model.onnx.2');
  broken = false;
  fetched.length = 0;
  await app.segment();
  await app.waitForSegmented();
  // model.json is read again for what is said before a run, too.
  expect(fetched.filter((name) => name !== 'model.json')).toEqual(['model.onnx.2']);
});

test('a scan gets a model that is made for it; one that the user chose stays, with a warning', async ({ page }) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  const manifests = readModels('index.json').models.map((name: string) => readModels(`${name}/model.json`));
  const { title } = manifests.find((manifest: { modality: string }) => manifest.modality === 'CT');
  await app.gotoApp();
  const body = (i: number, j: number) => (Math.hypot(i - 20, j - 16) < 12 ? 50 : -1000);
  const value = (i: number, j: number) => (Math.hypot(i - 20, j - 10) < 3 ? 400 : body(i, j));
  const affine = [8, 0, 0, -160, 0, 8, 0, -128, 0, 0, 8, -80];
  await app.openFile(syntheticNifti({ dims: [40, 32, 20], affine, value }), 'ct.nii');
  await app.waitForScan('ct.nii');
  await expect(page.getByText(`${title} is chosen instead`)).toContainText('ct.nii looks like CT');

  const heart = (i: number, j: number) => (Math.hypot(i - 20, j - 20) < 8 ? 900 : 200);
  const shortAxis = [8, 0, 0, -160, 0, 8, 0, -160, 0, 0, 10, -45];
  await app.openFile(syntheticNifti({ dims: [40, 40, 9], affine: shortAxis, value: heart }), 'heart.nii');
  await app.waitForScan('heart.nii');
  await models.open();
  await expect(models.choice(readModels('cardiac-mri/model.json').title)).toBeChecked();
  await models.choose(title);
  await models.close();
  await expect(app.segmentButton()).toHaveText('Segment anyway');
  await page.getByRole('button', { name: `Use “${readModels('cardiac-mri/model.json').title}”` }).click();
  await expect(app.segmentButton()).toHaveText('Segment');
});

test('the dialog works by keyboard and has no accessibility violation that axe can find', async ({ page }) => {
  const [app, models] = [new AppPage(page), new ModelsPage(page)];
  await app.gotoApp();
  await app.dropFile(zip(modelFolder().files()), 'tiny.zip');
  await models.expectOutcome('was added');
  await expectAccessible(page);
  await models.close();
  await page.getByRole('button', { name: 'Choose or add models…' }).press('Enter');
  await expect(models.choice(TINY)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await expect(models.choice(BUNDLED.at(-1) as string)).toBeChecked();
  await page.keyboard.press('Escape');
  await expect(models.dialog()).toBeHidden();
});
