/** Scans live in memory only: nothing of one is left where a browser keeps things, nor where others can read it. */

import { syntheticNifti } from './fixtures/syntheticNifti';
import { expect, test } from './fixtures/test';
import { serveTinyModel, tinyModelUrl } from './fixtures/tinyModel';
import { findTraces } from './fixtures/traces';
import { AppPage } from './pages/appPage';

/** What the scan would be known by: its name, and voxels in a row, of the scan and of its masks as they were saved. */
const NAME = 'Mustermann_Erika_19620229';
const noise = (i: number, j: number, k: number) =>
  Math.floor(3000 * Math.abs(Math.sin(97 * i + 31 * j * j + 7 * k * k * k)));
const scan = syntheticNifti({ dims: [20, 20, 20], affine: [1, 0, 0, -10, 0, 1, 0, -10, 0, 0, 1, -10], value: noise });
const voxels = [...scan.subarray(6000, 6032)];

test('after opening, segmenting, saving and closing, nothing of a scan is kept or told', async ({ page, context }) => {
  await serveTinyModel(page);
  const told: string[] = [];
  context.on('console', (message) => told.push(message.text()));
  const app = new AppPage(page);
  await app.gotoApp(`?model=${tinyModelUrl}`);
  await app.openFile(scan, `${NAME}.nii`);
  await app.waitForScan(`${NAME}.nii`);
  await app.segment();
  await app.waitForSegmented();
  const mask = await app.download('mask');
  await app.download('volumes');
  expect(mask.name).toContain(NAME);
  const marks = { texts: [NAME, 'Mustermann'], bytes: [voxels, [...mask.bytes.subarray(40, 72)]] };

  const open = await page.evaluate(findTraces, marks);
  expect(open.found).toEqual([]);
  // The model was kept: there was something to look through.
  expect(open.searched.filter((place) => /^(folder|cache) /.test(place)).length).toBeGreaterThan(0);
  expect(open.databases).toEqual([]);
  expect(page.url()).not.toContain(NAME);

  await page.reload();
  await expect(page.getByText('Files never leave this computer.')).toBeVisible();
  const closed = await page.evaluate(findTraces, marks);
  expect(closed.found).toEqual([]);
  expect(closed.databases).toEqual([]);
  expect(await context.cookies()).toEqual([]);
  expect(told.filter((text) => text.includes('Mustermann'))).toEqual([]);

  // What is there is found.
  await page.evaluate(
    async ({ name, voxels }) => {
      localStorage.setItem('last', name);
      sessionStorage.setItem(name, '1');
      document.title = name;
      history.replaceState({ name }, '');
      const bytes = Uint8Array.from([1, 2, 3, ...voxels, 4]);
      await (await caches.open('a cache')).put('./scan', new Response(bytes));
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('scans', { create: true });
      const file = await (await folder.getFileHandle('a.bin', { create: true })).createWritable();
      await file.write(bytes);
      await file.close();
    },
    { name: NAME, voxels },
  );
  expect((await page.evaluate(findTraces, marks)).found.sort()).toEqual([
    'cache a cache ./scan'.replace('./', new URL('./', page.url()).href),
    'document.title',
    'folder scans/a.bin',
    'history.state',
    'localStorage last',
    `sessionStorage ${NAME}`,
  ]);
});
