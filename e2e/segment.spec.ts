import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { cropNifti } from './fixtures/cropNifti';
import { demo, smallBox } from './fixtures/demo';
import { agreement, readVolume } from './fixtures/masks';
import { segmentWithPython } from './fixtures/pythonReference';
import { expect, test } from './fixtures/test';
import { tiltNifti } from './fixtures/tiltNifti';
import { HeadlessPage } from './pages/headlessPage';

/** Python may have to be installed first, and one window of SwiftShader takes minutes on two cores. */
const LONG = 20 * 60_000;

/** Same steps, other arithmetic: voxels on a border between two classes may fall to either side. */
const AGREEMENT = 0.999;
/** Dice of every label: small structures have more border. */
const LEAST_DICE = 0.99;

test('the demo scan on WebAssembly gets the mask of the Python pipeline', async ({ page }, info) => {
  test.setTimeout(LONG);
  const reference = info.outputPath('python.nii.gz');
  segmentWithPython(demo, reference);
  const headless = await HeadlessPage.open(page);
  await headless.choose(demo);
  const { mask, report } = await headless.mask({ provider: 'wasm', modelUrl: 'models/brain-mri/' });

  const [ours, theirs, scan] = await Promise.all([mask, reference, demo].map(readVolume));
  expect(ours.affine).toEqual(scan.affine);
  expect(new Set(ours.data).size).toBeGreaterThan(2); // masks of one class would agree whatever the pipeline did
  const { all, labelled, apart } = agreement(ours, theirs, LEAST_DICE);
  console.log(
    `demo, wasm: ${(100 * all).toFixed(4)} % of voxels equal, ${(100 * labelled).toFixed(4)} % of labelled ones`,
  );
  console.log(
    `${report.timings.windows} windows, ${Math.round(report.timings.medianWindowMs)} ms each, ${report.provider.adapter}`,
  );
  expect(all).toBeGreaterThanOrEqual(AGREEMENT);
  expect(apart).toEqual([]);
  expect(labelled).toBeGreaterThanOrEqual(AGREEMENT - 0.004); // labels fill a fifth of the scan

  const threads = Math.min(8, availableParallelism());
  expect(report.provider).toMatchObject({
    provider: 'wasm',
    adapter: threads === 1 ? '1 thread' : `${threads} threads`,
  });
  expect(report.timings.windows).toBe(2 * 8); // each of them mirrored too
  const total = report.labels.reduce((sum, { ml }) => sum + ml, 0);
  expect(total).toBeCloseTo((161 * 191 * 151) / 1000, 3); // background included, the labels fill the scan
});

test('a head in a large field of view is looked at first and gets the mask of the Python pipeline', async ({
  page,
}, info) => {
  test.setTimeout(LONG);
  const [scan, reference] = ['scan.nii.gz', 'python.nii.gz'].map((name) => info.outputPath(name));
  writeFileSync(scan, cropNifti(readFileSync(demo), [-50, -40, -70], [250, 256, 256]));
  segmentWithPython(scan, reference, 'brain-mri-lite');
  const headless = await HeadlessPage.open(page);
  await headless.choose(scan);
  const { mask, report } = await headless.mask({ provider: 'wasm' });

  const looks = headless.progress.filter(({ phase }) => phase === 'look');
  expect(looks[looks.length - 1]).toMatchObject({ done: 2, total: 2 });
  console.log(`large field of view: ${report.timings.windows} windows instead of ${5 * 3 * 3}`);
  expect(report.timings.windows).toBeLessThanOrEqual(3 * 3 * 2);
  const { all, labelled, apart } = agreement(await readVolume(mask), await readVolume(reference), LEAST_DICE);
  console.log(
    `large field of view, wasm: ${(100 * all).toFixed(4)} % of voxels equal, ${(100 * labelled).toFixed(4)} % of labelled ones`,
  );
  expect(all).toBeGreaterThanOrEqual(AGREEMENT);
  expect(apart).toEqual([]);
  expect(labelled).toBeGreaterThanOrEqual(AGREEMENT - 0.004);
});

test('WebGPU gets the mask of the Python pipeline, on an oblique box of one window', async ({ page }, info) => {
  test.setTimeout(LONG);
  const [scan, reference] = ['scan.nii.gz', 'python.nii.gz'].map((name) => info.outputPath(name));
  const box = cropNifti(readFileSync(demo), [35, 78, 83], [32, 48, 32]); // around the right hippocampus
  writeFileSync(scan, tiltNifti(box, 18));
  const model = 'hippocampus'; // has the smallest window: ONNX Runtime's convolutions are slow here
  segmentWithPython(scan, reference, model);
  const headless = await HeadlessPage.open(page);
  await headless.choose(scan);
  const { mask, report } = await headless.mask({ provider: 'webgpu', modelUrl: `models/${model}/` });

  expect(report.provider.provider).toBe('webgpu');
  expect(report.timings.windows).toBe(1);
  const [ours, theirs, tilted] = await Promise.all([mask, reference, scan].map(readVolume));
  expect(ours.affine).toEqual(tilted.affine);
  expect(Math.abs(ours.affine[1])).toBeCloseTo(Math.sin(Math.PI / 10), 6);
  const { all, labelled, apart } = agreement(ours, theirs, LEAST_DICE);
  console.log(
    `box, webgpu: ${(100 * all).toFixed(4)} % of voxels equal, ${(100 * labelled).toFixed(4)} % of labelled ones`,
  );
  console.log(`first window (compiling) ${Math.round(report.timings.medianWindowMs)} ms on ${report.provider.adapter}`);
  expect(all).toBeGreaterThanOrEqual(AGREEMENT);
  expect(apart).toEqual([]);
  expect(labelled).toBeGreaterThanOrEqual(AGREEMENT - 0.004);
});

test('"auto" avoids a software adapter and says why; a second run reuses the loaded network', async ({ page }) => {
  const headless = await HeadlessPage.open(page);
  await headless.choose(smallBox());
  const first = await headless.mask({ provider: 'auto' });
  expect(first.report.provider.provider).toBe('wasm');
  expect(first.report.provider.reason).toContain('software one (SwiftShader)');
  const loads = headless.progress.filter(({ phase }) => phase === 'load-model').length;
  expect(loads).toBeGreaterThan(0);

  const second = await headless.mask({ provider: 'auto' });
  expect(headless.progress.filter(({ phase }) => phase === 'load-model')).toHaveLength(loads);
  expect(agreement(await readVolume(second.mask), await readVolume(first.mask), 1).all).toBe(1);
});

test('every failure arrives as its own class with a sentence, and the page goes on working', async ({ page }) => {
  const headless = await HeadlessPage.open(page);
  await headless.choose({ name: 'notes.nii.gz', mimeType: 'text/plain', buffer: Buffer.from('not an image') });
  expect(await headless.segment()).toMatchObject({ ok: false, error: { name: 'InvalidInputError' } });

  await headless.choose(smallBox());
  expect(await headless.segment({ modelUrl: 'models/none/' })).toMatchObject({
    ok: false,
    error: { name: 'ModelError', code: 'model-not-found' },
  });
  const manifest = await (await page.request.get('models/brain-mri-lite/model.json')).json();
  const weights = `models/brain-mri-lite/${manifest.weights.files[0].file}`;
  const damaged = (await (await page.request.get(weights)).body()).fill(0, 1000, 1001);
  await page.route(`**/${weights}`, (route) => route.fulfill({ body: damaged }));
  expect(await headless.segment()).toMatchObject({ ok: false, error: { name: 'ModelError', code: 'model-checksum' } });
  await page.unroute(`**/${weights}`);
  expect(await headless.segment()).toMatchObject({ ok: true });
});
