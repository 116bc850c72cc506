/** The same scan and network on every provider, in a real browser on a software GPU. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import type { Provider } from '../src/inference/protocol';
import { cropNifti } from './fixtures/cropNifti';
import { demo, tinyBox } from './fixtures/demo';
import { agreement, readVolume } from './fixtures/masks';
import { segmentWithPython } from './fixtures/pythonReference';
import { expect, test } from './fixtures/test';
import { serveTinyModel, tinyModelUrl } from './fixtures/tinyModel';
import { HeadlessPage } from './pages/headlessPage';

/** Other arithmetic, same steps: of 6144 voxels, at most six on a border between classes may fall to the other side. */
const AGREEMENT = 0.999;
/** Dice of every label. */
const LEAST_DICE = 0.99;

test.setTimeout(20 * 60_000); // a software GPU compiles some forty shaders, beside whatever else the machine does

/** Segments 16 x 16 x 24 voxels, two windows, both mirrored too, with the tiny network. */
async function segment(page: Page, provider: Provider) {
  const headless = await HeadlessPage.open(page);
  await serveTinyModel(page);
  await headless.choose(tinyBox());
  const { mask, report } = await headless.mask({ provider, modelUrl: tinyModelUrl });
  return { mask: await readVolume(mask), report };
}

let reference: Awaited<ReturnType<typeof segment>>;
test.beforeAll(async ({ browser }) => {
  const page = await browser.newPage();
  reference = await segment(page, 'wasm');
  await page.close();
});

/** What the report says of where nodes ran, null where ONNX Runtime had all of them. */
const providers: [Provider, RegExp | null, RegExp | null][] = [
  ['wgsl', /epa-block/, /ONNX Runtime +segment/],
  ['hybrid', /epa .*\n.*ONNX Runtime +segment/, /conv3d/],
  ['webgpu', null, null],
];
for (const [provider, contains, lacks] of providers) {
  test(`${provider} gives the labels that WebAssembly gives`, async ({ page }) => {
    const { mask, report } = await segment(page, provider);
    expect(report.provider).toMatchObject({ provider, reason: expect.not.stringContaining('run on the CPU') });
    expect(report.timings.windows).toBe(2 * 2);
    const placement = report.placement?.join('\n') ?? '';
    if (contains) expect(placement).toMatch(contains);
    if (lacks) expect(placement).not.toMatch(lacks);
    const { all, apart } = agreement(mask, reference.mask, LEAST_DICE);
    const voxels = mask.data.length;
    console.log(`${provider}: ${Math.round((1 - all) * voxels)} of ${voxels} voxels differ from wasm`);
    expect(all).toBeGreaterThanOrEqual(AGREEMENT);
    expect(apart).toEqual([]);
    expect(new Set(mask.data).size).toBeGreaterThan(1);
  });
}

test('wgsl labels a box of a real scan as ONNX Runtime does', async ({ page }, info) => {
  const [scan, reference] = ['scan.nii.gz', 'python.nii.gz'].map((name) => info.outputPath(name));
  writeFileSync(scan, cropNifti(readFileSync(demo), [17, 30, 25], [128, 128, 96])); // one window of brain-mri-lite
  // Native ONNX Runtime: the WebAssembly build alone is 1e-4 of the voxels off, for its norms lose digits.
  segmentWithPython(scan, reference, 'brain-mri-lite');
  const headless = await HeadlessPage.open(page);
  await headless.choose(scan);
  const { mask, report } = await headless.mask({ provider: 'wgsl', modelUrl: 'models/brain-mri-lite/' });
  expect(report.provider.provider).toBe('wgsl');
  const { all, labelled, apart } = agreement(await readVolume(mask), await readVolume(reference), LEAST_DICE);
  const percent = (fraction: number) => `${(100 * fraction).toFixed(4)} %`;
  console.log(`box, wgsl and Python: ${percent(all)} of voxels equal, ${percent(labelled)} of labelled ones`);
  expect(all).toBeGreaterThanOrEqual(0.9999);
  expect(apart).toEqual([]);
});

test('hybrid goes on through the CPU when ONNX Runtime cannot use the graphics device, and says so', async ({
  page,
}) => {
  // The build of ONNX Runtime that knows WebGPU does not come; the one for WebAssembly does.
  await page.route('**/ort/*/*asyncify*', (route) => route.abort());
  const { mask, report } = await segment(page, 'hybrid');
  expect(report.provider.provider).toBe('hybrid');
  expect(report.provider.reason).toMatch(
    /could not share the graphics device .* run on the CPU, with their values copied/,
  );
  const { all, apart } = agreement(mask, reference.mask, LEAST_DICE);
  expect(all).toBeGreaterThanOrEqual(AGREEMENT);
  expect(apart).toEqual([]);
});
