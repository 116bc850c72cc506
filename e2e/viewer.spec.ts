import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { scanWithBlock, syntheticNifti } from './fixtures/syntheticNifti';
import { syntheticManifest, useSyntheticSegmentation } from './fixtures/syntheticSegmentation';
import { AppPage } from './pages/appPage';

/** The slices through the block, whose middle is right, anterior and superior of the scan's. */
async function goToBlock(app: AppPage) {
  // Block at +20 mm: with 2, 5, 4 mm voxels that is voxel 24.5 of 30, 10.5 of 14, 14.5 of 20.
  const presses = {
    sagittal: ['PageUp', 'ArrowDown'], // 16 -> 25 of 30
    coronal: ['ArrowUp', 'ArrowUp', 'ArrowUp'], // 8 -> 11 of 14
    axial: ['ArrowUp', 'ArrowUp', 'ArrowUp', 'ArrowUp'], // 11 -> 15 of 20
  } as const;
  for (const plane of ['sagittal', 'coronal', 'axial'] as const) {
    await app.pane(plane).focus();
    for (const key of presses[plane]) await app.page.keyboard.press(key);
  }
}

test("a block on the patient's right, front and top is drawn there, however the file is stored", async ({ page }) => {
  const app = new AppPage(page);
  await app.gotoApp();
  for (const code of ['RAS', 'LPS', 'LPI', 'PSR']) {
    await test.step(code, async () => {
      await app.openFile(scanWithBlock(code), `${code}.nii`);
      await app.waitForScan(`${code}.nii`);
      expect([await app.letters('axial'), await app.letters('coronal'), await app.letters('sagittal')]).toEqual([
        'R L A P',
        'R L S I',
        'A P S I',
      ]);
      await goToBlock(app);
      // Radiological: the patient's right is on the left of the image; front up in axial, left in sagittal.
      const spots = await app.brightSpots();
      for (const plane of ['axial', 'coronal', 'sagittal'] as const) {
        const spot = spots[plane];
        expect(spot.pixels, plane).toBeGreaterThan(50);
        expect(spot.x, plane).toBeLessThan(0.45);
        expect(spot.y, plane).toBeLessThan(0.45);
      }
      await app.clickPane('axial', spots.axial.x, spots.axial.y);
      await expect(app.status()).toContainText('Value 1000');
      await expect(app.status()).toContainText(/R (19|20|21)\.\d {2}A (17|18|19|20|21|22)\.\d {2}S (18|20|22)\.\d mm/);
    });
  }
});

test('neurological sides mirror axial and coronal, letters and picture alike, and leave sagittal', async ({ page }) => {
  const app = new AppPage(page);
  await app.gotoApp();
  await app.openFile(scanWithBlock('LPI'), 'block.nii');
  await app.waitForScan('block.nii');
  await goToBlock(app);
  await page.getByLabel('Sides').selectOption('neurological');
  await expect(app.pane('axial')).toHaveAttribute('data-letters', 'L R A P');
  const spots = await app.brightSpots();
  expect(spots.axial.x).toBeGreaterThan(0.55);
  expect(spots.coronal.x).toBeGreaterThan(0.55);
  expect(await app.letters('sagittal')).toBe('A P S I');
  expect(spots.sagittal.x).toBeLessThan(0.45);
});

test('an oblique scan says so and names edges with two letters; nothing is written over anything else', async ({
  page,
}) => {
  const labels = syntheticManifest.labels.map((label) =>
    label.id === 0 ? label : { ...label, name: `${label.name} of the inferior frontal gyrus, pars opercularis` },
  );
  await useSyntheticSegmentation(page, { manifest: { ...syntheticManifest, labels } });
  const app = new AppPage(page);
  await app.gotoApp();
  const [c, s] = [Math.cos(Math.PI / 10), Math.sin(Math.PI / 10)];
  // Far from the world's origin, where positions have the most digits.
  const affine = [10 * c, -10 * s, 0, -1200, 10 * s, 10 * c, 0, -1100, 0, 0, 1, -1300];
  const file = syntheticNifti({ dims: [113, 117, 123], affine, value: (i, j, k) => 500 - i - j - k });
  await app.openFile(file, 'tilted.nii');
  await app.waitForScan('tilted.nii');
  await expect(app.pane('axial')).toContainText('oblique 18°');
  expect(await app.letters('axial')).toBe('RA LP AL PR');

  // Without a form that says where the sides are, every letter is a guess until the user has checked it.
  const unplaced = Buffer.from(file);
  unplaced.writeInt16LE(0, 254); // sform_code
  await app.openFile(unplaced, 'unplaced.nii');
  await app.waitForScan('unplaced.nii');
  expect(await app.letters('axial')).toBe('R? L? A? P?');
  for (const [width, height] of [
    [1024, 768],
    [360, 640],
  ]) {
    await app.resize(width, height);
    expect(await app.overprints(), `in doubt, ${width} x ${height}`).toEqual([]);
  }
  await page.getByRole('button', { name: 'Orientation is correct' }).click();
  await expect(app.pane('axial')).toHaveAttribute('data-letters', 'R L A P');
  await app.openFile(file, 'tilted.nii');
  await app.waitForScan('tilted.nii');
  await app.segment();
  await app.waitForSegmented(30_000);
  const fontSize = () => app.status().evaluate((status) => getComputedStyle(status).fontSize);
  const sizes = [
    [1440, 900],
    [1280, 720],
    [1024, 768],
    [800, 600],
    // 1280 x 720 at 200 %.
    [640, 360],
    [480, 800],
    [360, 640],
    // Larger letters in the browser's settings.
    [1280, 720, 24],
    [1024, 768, 32],
  ];
  for (const [width, height, fontPx] of sizes) {
    const name = `${width} x ${height}, ${fontPx ?? 16} px`;
    await app.resize(width, height, fontPx);
    expect(await fontSize(), name).toBe(`${0.75 * (fontPx ?? 16)}px`);
    expect(await app.overprints(), name).toEqual([]);
    // The line's height depends on the window alone: with it the picture would move under the pointer.
    const before = await app.status().boundingBox();
    await app.hoverPane('axial', 0.45, 0.45);
    await expect(app.structureRead()).toContainText('pars opercularis');
    expect(await app.overprints(), `${name}, pointer`).toEqual([]);
    expect((await app.status().boundingBox())?.height, name).toBe(before?.height);
    await page.keyboard.press('m');
    expect(await app.overprints(), `${name}, maximised`).toEqual([]);
    await page.keyboard.press('Escape');
  }
});

test('pixels keep the shape of millimetres', async ({ page }) => {
  const app = new AppPage(page);
  await app.gotoApp();
  // A bright box of 40 x 40 x 40 mm in voxels of 1 x 2 x 4 mm.
  const file = syntheticNifti({
    dims: [60, 30, 15],
    affine: [-1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 4, 0],
    value: (i, j, k) => (i >= 10 && i < 50 && j >= 5 && j < 25 && k >= 2 && k < 12 ? 1000 : 0),
  });
  await app.openFile(file, 'box.nii');
  await app.waitForScan('box.nii');
  for (const [plane, { width, height, rgb }] of Object.entries(await app.pictures())) {
    let [left, right, top, bottom] = [width, 0, height, 0];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (rgb(x, y)[0] < 128) continue;
        left = Math.min(left, x);
        right = Math.max(right, x);
        top = Math.min(top, y);
        bottom = Math.max(bottom, y);
      }
    }
    // Half of the largest voxel either way, in a box of 40 mm.
    expect((right - left) / (bottom - top), plane).toBeGreaterThan(0.93);
    expect((right - left) / (bottom - top), plane).toBeLessThan(1.07);
  }
});

test('mouse and keys: slices, window, zoom, maximise, help', async ({ page }) => {
  const app = new AppPage(page);
  await app.gotoApp();
  await app.openFile(scanWithBlock('RAS'), 'block.nii');
  await app.waitForScan('block.nii');

  await expect(app.slice('coronal')).toHaveText('8 / 14');
  await app.wheelPane('coronal', 120);
  await expect(app.slice('coronal')).toHaveText('7 / 14');
  await page.keyboard.press('ArrowUp');
  await expect(app.slice('coronal')).toHaveText('8 / 14');
  await expect(app.pane('coronal')).toHaveAttribute('aria-valuenow', '8');

  await app.dragPane('axial', 40, 0);
  await expect(page.getByRole('combobox', { name: 'Window' })).toHaveValue('manual');
  await page.keyboard.press('2');
  await expect(app.status()).toContainText('W 1500');
  await expect(app.status()).toContainText('L −600');
  // Off the middle, so that a reset that moved the crosshair would be seen.
  await page.keyboard.press('PageUp');
  const slices = await app.slices();
  await page.keyboard.press('r');
  await expect(page.getByRole('combobox', { name: 'Window' })).toHaveValue('auto');
  expect(await app.slices()).toEqual(slices);

  const scaleBefore = (await app.pane('axial').locator('.scale').boundingBox())?.width;
  await app.dragPane('axial', 0, 150, 'right');
  const bar = app.pane('axial').locator('.scale');
  expect([(await bar.boundingBox())?.width, await bar.textContent()]).not.toEqual([scaleBefore, '5 cm']);

  await app.doubleClickPane('sagittal', 0.4, 0.3);
  await expect(app.pane('axial')).toBeHidden();
  await page.keyboard.press('?');
  const help = page.getByRole('heading', { name: 'Keys and mouse' });
  await expect(help).toBeVisible();
  // What lies over the panes goes first, wherever the focus is.
  await help.click();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await expect(app.pane('axial')).toBeHidden();
  await page.keyboard.press('Escape');
  await expect(app.pane('axial')).toBeVisible();
  expect(await app.slices()).toEqual(slices);

  // The line below speaks of what is under the pointer now, whatever has moved since the pointer did.
  await page.keyboard.press('r');
  await page.keyboard.press('c');
  await goToBlock(app);
  const { x, y } = (await app.brightSpots()).axial;
  await app.hoverPane('axial', x, y);
  await expect(app.status()).toContainText(/Pointer.*S (18|20|22)\.\d mm.*Value 1000/);
  await expect(app.slice('axial')).toHaveText('15 / 20');
  await page.mouse.wheel(0, 4 * 120);
  await expect(app.slice('axial')).toHaveText('11 / 20');
  await expect(app.status()).toContainText(/Pointer.*S 2\.0 mm.*Value 100\D/);
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowUp');
  await expect(app.status()).toContainText(/Pointer.*Value 1000/);
  await page.getByLabel('Sides').selectOption('neurological');
  await expect(app.status()).toContainText(/Pointer.*L (19|20|21)\.\d.*Value 100\D/);
  expect(app.problems).toEqual([]);
});

test('masks are drawn in their colours, on their side, and can be hidden one by one', async ({ page }) => {
  await useSyntheticSegmentation(page);
  const app = new AppPage(page);
  await app.gotoApp();
  // Stored x and y grow to Left and Posterior, so the stand-in's first quarter (1) is the patient's right front.
  const file = syntheticNifti({
    dims: [40, 40, 9],
    affine: [-2, 0, 0, 40, 0, -2, 0, 40, 0, 0, 5, 0],
    value: () => 500,
  });
  await app.openFile(file, 'flat.nii');
  await app.waitForScan('flat.nii');
  expect((await app.legend()).map(({ ml }) => ml)).toEqual(['–', '–', '–', '–', '–']);
  await app.segment();
  await app.waitForSegmented(30_000);
  expect((await app.legend()).map(({ ml }) => ml)).toEqual(['72.0', '72.0', '72.0', '72.0', '144.0']);
  await page.getByRole('radio', { name: 'Fill' }).check();
  await page.getByLabel('Mask opacity').fill('100');

  const quarters = async () => {
    const { width, height, rgb } = (await app.pictures()).axial;
    return [
      [0.35, 0.35],
      [0.65, 0.35],
      [0.35, 0.65],
      [0.65, 0.65],
    ].map(([x, y]) => rgb(Math.round(width * x), Math.round(height * y)));
  };
  const [, one, two, three, four] = syntheticManifest.labels.map(({ color }) => color);
  expect(await quarters()).toEqual([one, two, three, four]);

  await app.toggleLabel('right front');
  const hidden = await quarters();
  await app.hoverPane('axial', 0.35, 0.35);
  await expect(app.structureRead()).toHaveText('left front');
  await app.hoverPane('axial', 0.65, 0.35);
  await expect(app.structureRead()).toHaveText('hidden structure');
  expect([hidden[0], hidden[2], hidden[3]]).toEqual([one, three, four]);
  expect(new Set(hidden[1]).size).toBe(1); // grey
  await app.soloLabel('left back');
  const solo = await quarters();
  expect(solo[2]).toEqual(three);
  for (const other of [solo[0], solo[1], solo[3]]) expect(new Set(other).size).toBe(1);

  // A region of two structures: shown in part it becomes whole, then both go.
  await app.soloLabel('left half');
  await app.toggleLabel('left half');
  expect((await quarters()).map((pixel) => new Set(pixel).size === 1)).toEqual([true, true, true, true]);
  await app.toggleLabel('left half');
  const half = await quarters();
  expect([half[0], half[2]]).toEqual([one, three]);
  for (const other of [half[1], half[3]]) expect(new Set(other).size).toBe(1);

  await page.keyboard.press('s');
  await expect(app.structureRead()).toHaveText('masks hidden');
  for (const pixel of await quarters()) expect(new Set(pixel).size).toBe(1);
  await page.keyboard.press('s');

  await page.getByRole('radio', { name: 'Outline' }).check();
  expect(new Set((await quarters())[2]).size).toBe(1);

  const csv = await app.download('volumes');
  expect(csv.name).toBe('flat_brain-mri_volumes.csv');
  expect(csv.bytes.toString()).toContain('\n1,left front,3600,72.0000,flat.nii,brain-mri ');
  expect(csv.bytes.toString()).toContain('\n1+3,left half,7200,144.0000,flat.nii,brain-mri ');

  // What was not saved is not lost without a word.
  await app.dropFile(file, 'next.nii');
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

  // A mask that is dropped is no scan; this one brings its names.
  await app.segment();
  await expect.poll(() => app.asksBeforeLeaving()).toBe(true);
  await app.waitForSegmented(30_000);
  await app.dropFile(mask.bytes, 'corrected.nii.gz');
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
  expect(await quarters()).toEqual([one, two, three, four]);
  expect((await app.download('volumes')).name).toBe('flat_corrected_volumes.csv');
  expect(app.problems).toEqual([]);
});

test('finished slices get their masks while the run goes on; a cancel brings back what was there', async ({ page }) => {
  await useSyntheticSegmentation(page, { windows: 4, slabs: true });
  const app = new AppPage(page);
  await app.gotoApp();
  // Stored as (x, y, z) growing to Left, Posterior, Superior, so the first slices to be finished are the lowest.
  const file = syntheticNifti({
    dims: [40, 40, 20],
    affine: [-2, 0, 0, 40, 0, -2, 0, 40, 0, 0, 4, 0],
    value: () => 500,
  });
  await app.openFile(file, 'flat.nii');
  await app.waitForScan('flat.nii');
  const grey = (rgb: readonly number[]) => new Set(rgb).size === 1;
  /** In the coronal pane a fifth from the bottom and from the top, in the patient's right half. */
  const lowAndHigh = async () => {
    const { width, height, rgb } = (await app.pictures()).coronal;
    return [0.75, 0.25].map((y) => rgb(Math.round(width * 0.35), Math.round(height * y)));
  };
  expect((await lowAndHigh()).map(grey)).toEqual([true, true]);

  await page.evaluate(() => Object.assign(window, { holdRun: true }));
  await app.segment();
  await expect.poll(async () => (await lowAndHigh()).map(grey)).toEqual([false, true]);
  await app.cancel();
  await app.waitForStatus('cancelled');
  await expect.poll(async () => (await lowAndHigh()).map(grey)).toEqual([true, true]);

  await page.evaluate(() => Reflect.deleteProperty(window, 'holdRun'));
  await app.segment();
  await app.waitForSegmented(60_000);
  // The crosshair's slice was not among the first, and nothing has moved since.
  await expect(app.status()).toContainText('left front');
  await app.toggleLabel('left front'); // stored "left" is the patient's right
  await app.toggleLabel('left back');
  await expect.poll(async () => (await lowAndHigh()).map(grey)).toEqual([true, true]);
  await app.toggleLabel('left front');
  await app.toggleLabel('left back');
  const whole = await lowAndHigh();
  expect(whole.map(grey)).toEqual([false, false]);
  await page.evaluate(() => Object.assign(window, { holdRun: true }));
  // A second run starts from nothing again; ended early, it leaves the first one's masks.
  await app.segment();
  await expect.poll(async () => (await lowAndHigh()).map(grey)).toEqual([false, true]);
  await expect(app.status()).toContainText('no structure');
  await app.cancel();
  await app.waitForStatus('cancelled');
  await expect.poll(lowAndHigh).toEqual(whole);
  await expect(app.status()).toContainText('left front');
  expect(app.problems).toEqual([]);
});

test('a run shows its progress and can be cancelled and repeated', async ({ page }) => {
  await useSyntheticSegmentation(page, { windows: 6, windowMs: 400 });
  const app = new AppPage(page);
  await app.gotoApp();
  await app.openFile(scanWithBlock('RAS'), 'block.nii');
  await app.waitForScan('block.nii');
  await app.segment();
  await expect(app.phase()).toHaveText(/Segmenting, window \d of 6/);
  await expect(page.getByRole('progressbar')).toBeVisible();
  await app.hoverFile();
  await expect(page.locator('.page-drop')).toContainText('A segmentation is running');
  await expect(page.locator('.page-drop-hint')).toHaveCSS('display', 'block'); // a line of its own
  await app.dropFile(scanWithBlock('RAS'), 'other.nii');
  await app.cancel();
  await app.waitForStatus('cancelled');
  await expect(page.getByTestId('run-status')).toHaveText(/Cancelled/);
  await app.segment();
  await app.waitForSegmented(30_000);
  await expect(app.runReport()).toContainText('A test stands in for the model.');
});

test('the picture returns after the graphics context is lost', async ({ page }) => {
  const app = new AppPage(page);
  await app.gotoApp();
  await app.openFile(scanWithBlock('RAS'), 'block.nii');
  await app.waitForScan('block.nii');
  await goToBlock(app);
  const before = (await app.brightSpots()).axial;
  const message = page.getByText('The graphics hardware was taken away');
  await page.evaluate(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.panes-canvas');
    const extension = canvas?.getContext('webgl2')?.getExtension('WEBGL_lose_context');
    extension?.loseContext();
    Object.assign(window, { giveBack: () => extension?.restoreContext() });
  });
  await expect(message).toBeVisible();
  await page.evaluate(() => (window as unknown as { giveBack: () => void }).giveBack());
  await expect(message).toBeHidden();
  await expect.poll(async () => (await app.brightSpots()).axial.pixels).toBe(before.pixels);
});

test('the viewer with masks has no accessibility violation that axe can find', async ({ page }) => {
  await useSyntheticSegmentation(page);
  const app = new AppPage(page);
  await app.gotoApp();
  await app.openFile(scanWithBlock('RAS'), 'block.nii');
  await app.segment();
  await app.waitForSegmented(30_000);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
  await page.keyboard.press('?');
  const help = await new AxeBuilder({ page }).analyze();
  expect(help.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)).toEqual([]);
});
