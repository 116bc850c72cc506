import { PLACES } from '../src/core/storedPlaces';
import { expectAccessible } from './fixtures/accessible';
import { tinyBox } from './fixtures/demo';
import { OFFLINE_MODELS, OfflineHost } from './fixtures/offlineHost';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';
import { ModelsPage } from './pages/modelsPage';
import { OfflinePage } from './pages/offlinePage';

test.use({ serviceWorkers: 'allow' });

const CPU = 'Computing on the main processor';
const [ONE, TWO, THREE] = OFFLINE_MODELS;
const RUNTIME = /simd-threaded\.wasm$/;

let host: OfflineHost;
test.beforeEach(async ({ network }) => {
  host = await OfflineHost.start();
  network.allow(host.url);
});
test.afterEach(() => host.kill());

test('kept over a broken connection, then without a server: open, segment, save, reload, another model; then deleted', async ({
  page,
  context,
}) => {
  const [app, offline, models] = [new AppPage(page), new OfflinePage(page), new ModelsPage(page)];
  const isIsolated = () => page.evaluate(() => crossOriginIsolated).catch(() => false);
  await page.goto(host.url);
  await expect.poll(isIsolated).toBe(true);

  await test.step('a download that breaks off goes on after a reload', async () => {
    await offline.open();
    await expect(offline.readiness()).toContainText('Does not work without a network yet');
    host.broken = RUNTIME;
    await offline.row(CPU).getByRole('button').click();
    await expect(offline.dialog().getByRole('alert')).toContainText('The connection broke after');
    await expect(offline.row(CPU)).toContainText(/partly, [1-7]\.\d MB of 14 MB/);
    host.broken = null;
    await page.reload();
    await offline.open();
    await offline.keep(CPU);
    const parts = host.asked.filter(({ path }) => RUNTIME.test(path)).map(({ range }) => range);
    expect(parts).toEqual(['bytes=0-', expect.stringMatching(/^bytes=[1-9]\d{5,}-$/)]);
    await offline.keep(ONE);
    await offline.keep(TWO);
    await expect(offline.readiness()).toContainText(`Works without a network: ${ONE}, ${TWO}. Not yet: ${THREE}.`);
    await expectAccessible(page);
  });

  host.kill();
  await context.setOffline(true);
  const segment = async (title: string) => {
    await page.reload();
    await expect(page.getByTestId('notices')).toContainText(`not kept in this browser: ${THREE}`);
    const { name, buffer } = tinyBox();
    await app.openFile(buffer, name);
    await app.waitForScan(name);
    await app.selectProvider('wasm');
    await models.open();
    await models.choose(title);
    await models.close();
    await app.segment();
  };
  await test.step('what is kept works', async () => {
    await segment(ONE);
    await app.waitForSegmented();
    expect((await app.download('mask')).bytes.length).toBeGreaterThan(100);
    await segment(TWO);
    await app.waitForSegmented();
  });
  await test.step('what is not says so before a run', async () => {
    await segment(THREE);
    await expect(app.error()).toContainText(`${THREE} is not kept in this browser`);
    await app.waitForStatus('ready');
    await page.getByRole('button', { name: `Use “${ONE}”` }).click();
    await app.segment();
    await app.waitForSegmented();
  });
  await test.step('everything is stored in the places of the table, and can be deleted', async () => {
    const places = Object.values(PLACES).map(({ kind, name }) => `${kind === 'caches' ? 'cache' : kind} ${name}`);
    const stored = await offline.stored();
    expect(stored.length).toBeGreaterThan(4);
    expect(stored.filter((one) => !places.some((place) => one.startsWith(place)))).toEqual([]);
    await offline.open();
    await offline.dialog().getByRole('button', { name: 'Delete everything' }).click();
    await app.reply('Delete everything');
    await expect(offline.dialog().getByRole('status').last()).toContainText('Organscope keeps nothing');
    expect(await offline.stored()).toEqual([]);
    // What is open stays.
    await offline.close();
    await expect(app.runReport()).toBeVisible();
  });
});

test('a server without parts starts the file again and says so; without room, what was kept stays', async ({
  page,
  context,
}) => {
  const offline = new OfflinePage(page);
  host.ranges = false;
  await page.goto(host.url);
  await expect.poll(() => page.evaluate(() => crossOriginIsolated).catch(() => false)).toBe(true);
  await offline.open();
  host.broken = RUNTIME;
  await offline.row(CPU).getByRole('button').click();
  await expect(offline.row(CPU)).toContainText('partly');
  host.broken = null;
  await offline.keep(CPU);
  await expect(offline.dialog().getByRole('status').last()).toContainText('fetched again from the start');
  await offline.keep(ONE);

  const session = await context.newCDPSession(page);
  const { usage = 0 } = await page.evaluate(() => navigator.storage.estimate());
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(host.url).origin, quotaSize: usage + 1e6 });
  await offline.row('ONNX Runtime on the graphics processor').getByRole('button').click();
  await expect(offline.dialog().getByRole('alert')).toContainText('What was kept before is still there');
  await expect(offline.row('ONNX Runtime on the graphics processor')).toContainText('not kept');
  for (const kept of [CPU, ONE]) await expect(offline.row(kept)).toContainText('kept, ');
});
