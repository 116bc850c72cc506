import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Page } from '@playwright/test';
import { agreement, readVolume } from './fixtures/masks';
import { type GoldenRun, makeGoldenModels } from './fixtures/pythonReference';
import { expect, test } from './fixtures/test';
import { HeadlessPage } from './pages/headlessPage';

/** Python may have to be installed first; then some thirty small models and masks are made. */
const LONG = 20 * 60_000;

/** ONNX Runtime rounds differently here and there: a voxel where two classes are as good as equal may fall to either. */
const AGREEMENT = 0.9999;
/** Dice of every label. */
const LEAST_DICE = 0.99;

let folder = '';
let runs: readonly GoldenRun[] = [];

test.beforeAll(() => {
  test.setTimeout(LONG);
  folder = test.info().outputPath('golden');
  runs = makeGoldenModels(folder);
});

/** Serves the folder's models beside the page's own. */
async function serveModels(page: Page): Promise<void> {
  await page.context().route('**/golden/**', (route) => {
    const [model, file] = new URL(route.request().url()).pathname.split('/').slice(-2);
    const contentType = file.endsWith('.json') ? 'application/json' : 'application/octet-stream';
    const path = join(folder, 'models', model, basename(file));
    // These models come without a card, as a server would say.
    if (!existsSync(path)) return route.fulfill({ status: 404 });
    return route.fulfill({ body: readFileSync(path), contentType });
  });
}

const nameOf = ({ model, scans, mirror }: GoldenRun) =>
  `${model} on ${scans[0].split('_')[0]}${mirror ? ', mirrored' : ''}`;

async function compare(headless: HeadlessPage, run: GoldenRun, provider: 'wasm' | 'wgsl'): Promise<number> {
  await headless.choose(run.scans.map((scan) => join(folder, scan)));
  const { mask, report } = await headless.mask({ modelUrl: `golden/${run.model}/`, provider, mirror: run.mirror });
  expect(report.provider.provider).toBe(provider);
  const [ours, theirs] = await Promise.all([mask, join(folder, run.mask)].map(readVolume));
  expect(ours.affine).toEqual(theirs.affine);
  const { all, apart } = agreement(ours, theirs, LEAST_DICE);
  expect.soft(apart, nameOf(run)).toEqual([]);
  const different = Math.round((1 - all) * ours.data.length);
  console.log(
    `${nameOf(run)}, ${provider}: ${report.timings.windows} runs, ${different} of ${ours.data.length} voxels differ`,
  );
  return all;
}

test('every scheme gets the mask of the Python pipeline, on WebAssembly', async ({ page }) => {
  test.setTimeout(LONG);
  await serveModels(page);
  const headless = await HeadlessPage.open(page);
  expect(runs.length).toBeGreaterThan(20);
  for (const run of runs) {
    await test.step(nameOf(run), async () => {
      expect.soft(await compare(headless, run, 'wasm'), nameOf(run)).toBeGreaterThanOrEqual(AGREEMENT);
    });
  }
});

// One window each: software needs minutes for one on a busy machine. Mirroring is in gpuWindows.gpu.test.ts.
test('schemes that average probabilities, logits or regions get it from our kernels too', async ({ page }) => {
  test.setTimeout(LONG);
  await serveModels(page);
  const headless = await HeadlessPage.open(page);
  const chosen = ['tumor on small', 'v2-regions on small', 'monai on small'];
  const wanted = runs.filter((run) => chosen.includes(nameOf(run)));
  expect(wanted.map(nameOf).sort()).toEqual([...chosen].sort());
  for (const run of wanted) {
    await test.step(nameOf(run), async () => {
      expect.soft(await compare(headless, run, 'wgsl'), nameOf(run)).toBeGreaterThanOrEqual(AGREEMENT);
    });
  }
});
