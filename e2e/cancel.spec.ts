import { demo, smallBox, tinyBox } from './fixtures/demo';
import { expect, test } from './fixtures/test';
import { serveTinyModel, tinyModelUrl } from './fixtures/tinyModel';
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

test('cancelling inside a window that never ends replaces the worker, and the next run works in the new one', async ({
  page,
}) => {
  // A graphics device that never answers: nothing that is read back from it arrives.
  await page.route('**/ort/*/*asyncify.mjs', async (route) => {
    const response = await route.fetch();
    const hang = 'GPUBuffer.prototype.mapAsync = () => new Promise(() => undefined);\n';
    await route.fulfill({ response, body: hang + (await response.text()) });
  });
  const headless = await HeadlessPage.open(page);
  await serveTinyModel(page);
  await headless.choose(tinyBox());
  // 'compile' is reported once before the session opens and once before the first window.
  let compiling = 0;
  const firstWindow = headless.next(({ phase }) => phase === 'compile' && ++compiling === 2);
  const run = headless.segment({ provider: 'webgpu', modelUrl: tinyModelUrl });
  await firstWindow;
  await headless.cancel();
  expect(await run).toMatchObject(cancelled);
  expect(await headless.segment({ provider: 'wasm', modelUrl: tinyModelUrl })).toMatchObject({ ok: true });
  expect(headless.workersStarted).toBe(2);
});
