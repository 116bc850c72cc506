import { expect, test } from '@playwright/test';
import { demo, smallBox } from './fixtures/demo';
import { HeadlessPage } from './pages/headlessPage';

const cancelled = { ok: false, error: { name: 'CancelledError', code: 'cancelled' } };

test('cancelling between windows stops the run, and the next one works in the same worker', async ({ page }) => {
  const headless = await HeadlessPage.open(page);
  await headless.choose(demo);
  const secondWindow = headless.next(({ phase, done }) => phase === 'infer' && done === 2);
  const run = headless.segment({ provider: 'wasm' });
  await secondWindow;
  await headless.cancel();
  expect(await run).toMatchObject(cancelled);
  expect(headless.progress.some(({ phase }) => phase === 'finish')).toBe(false);

  await headless.choose(smallBox());
  expect(await headless.segment({ provider: 'wasm' })).toMatchObject({ ok: true });
  // Slow machines may need longer for a window than the client waits; then the worker was replaced, which is fine too.
  expect(headless.workersStarted).toBeLessThanOrEqual(2);
});

test('cancelling inside a window that takes minutes ends the worker, and the next run gets a new one', async ({
  page,
}) => {
  const headless = await HeadlessPage.open(page);
  await headless.choose(smallBox());
  // The smallest windows there are: software goes on with what it was given after the worker has ended.
  const modelUrl = 'models/hippocampus/';
  // 'compile' is reported once before the session opens and once before the first, endless window.
  let compiling = 0;
  const firstWindow = headless.next(({ phase }) => phase === 'compile' && ++compiling === 2);
  const run = headless.segment({ provider: 'webgpu', modelUrl });
  await firstWindow;
  await headless.cancel();
  expect(await run).toMatchObject(cancelled);
  expect(await headless.segment({ provider: 'wasm', modelUrl })).toMatchObject({ ok: true });
  expect(headless.workersStarted).toBe(2);
});
