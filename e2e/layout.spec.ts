/** What is written over and around the slices can be read, at every size of the window. */
import { syntheticNifti } from './fixtures/syntheticNifti';
import { syntheticManifest, useSyntheticSegmentation } from './fixtures/syntheticSegmentation';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';

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
