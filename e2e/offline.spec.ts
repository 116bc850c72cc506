import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { tinyBox } from './fixtures/demo';
import { tryToGetOut } from './fixtures/escape';
import { foreignHost, plainStaticHost } from './fixtures/servers';
import { publishNextVersion, siteWithTinyModel } from './fixtures/sites';
import { expect, test } from './fixtures/test';
import { tinyModelUrl } from './fixtures/tinyModel';
import { AppPage } from './pages/appPage';

test.use({ serviceWorkers: 'allow' });
test.setTimeout(90_000);

test('on a plain static host the page isolates itself by one reload, nothing gets out of it, and it starts offline', async ({
  page,
  context,
  network,
}) => {
  const host = await plainStaticHost();
  const { port, arrived, close } = await foreignHost();
  const foreign = `127.0.0.1:${port}`;
  network.allow(host.url);
  network.allow(`http://${foreign}`);
  network.expectTries();
  const loads: string[] = [];
  page.on('load', () => loads.push(page.url()));
  try {
    await page.goto(host.url);
    await expect.poll(() => loads.length).toBe(2);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);

    const [serviceWorker] = context.serviceWorkers();
    await expect(serviceWorker.evaluate((url) => fetch(url), `http://${foreign}/`)).rejects.toThrow('other-origin');
    const gone = await serviceWorker.evaluate(() => [typeof WebSocket, typeof EventSource, typeof XMLHttpRequest]);
    expect(gone).toEqual(['undefined', 'undefined', 'undefined']);
    await page.evaluate(tryToGetOut, { foreign, from: 'page' });
    // By its own server, which passes visitors on.
    const passedOn = (to: string) =>
      fetch(`away?to=${to}`, { method: 'POST', body: 'voxels' }).then(
        () => 'answered',
        () => 'refused',
      );
    expect(await page.evaluate(passedOn, `http://${foreign}/`)).toBe('refused');
    expect(arrived).toEqual([]);
    // No file of this origin is without a policy any more, and none but the service worker's may start as a worker.
    const headers = await page.evaluate(async () => (await fetch('icon.svg')).headers.get('content-security-policy'));
    expect(headers).toContain("default-src 'self'");
    const register = (url: string) => navigator.serviceWorker.register(url).then(() => 'registered', String);
    expect(await page.evaluate(register, 'workersOnlyFrom.js')).toContain('Security');

    host.kill();
    await context.setOffline(true);
    const later = new AppPage(await context.newPage());
    await later.page.goto(`${host.url}?lang=en-XA`);
    await expect(later.page.locator('html[lang=en-XA] h1')).toBeVisible();
    await later.page.goto(`${host.url}?model=hippocampus`);
    await expect(later.page.getByText('Hippocampus, anterior and posterior').first()).toBeVisible();
    expect(await later.page.evaluate(() => crossOriginIsolated)).toBe(true);
    // The browser's own word on a request that found no network; the page takes what it has kept.
    expect(later.problems.filter((text) => !text.includes('net::ERR_FAILED'))).toEqual([]);
    expect(loads.length).toBe(2);
  } finally {
    host.kill();
    close();
  }
});
/** Waits until the page came back with what the service worker gives. */
const untilIsolated = (page: Page) => page.waitForFunction(() => crossOriginIsolated);

test('visited once, the page opens, segments and saves without a network, again after a reload', async ({
  page,
  context,
  network,
}) => {
  const { site, remove } = siteWithTinyModel();
  const host = await plainStaticHost(site);
  network.allow(host.url);
  const app = new AppPage(page);
  const segmentAndSave = async () => {
    const { name, buffer } = tinyBox();
    await app.dropFile(buffer, name);
    await app.waitForScan(name);
    await app.segment();
    await app.waitForSegmented();
    return (await app.download('mask')).bytes;
  };
  try {
    await page.goto(host.url);
    await untilIsolated(page);
    const weights = ['model.json', 'model.onnx'].map((name) => ({
      name,
      bytes: readFileSync(join(site, tinyModelUrl, name)),
    }));
    await app.openFiles(weights);
    await expect(page.getByRole('dialog')).toContainText('was added');
    await page.keyboard.press('Escape');
    const online = await segmentAndSave();

    host.kill();
    await context.setOffline(true);
    for (const _ of ['once', 'again']) {
      await page.goto(host.url);
      expect((await segmentAndSave()).equals(online)).toBe(true);
    }
    expect(app.problems).toEqual([]);
  } finally {
    host.kill();
    remove();
  }
});

test('a newer version waits for the run, the mask and other windows, and then takes over', async ({
  page,
  context,
  network,
}) => {
  const { site, remove } = siteWithTinyModel();
  let go = () => {};
  let held: Promise<void> | null = null;
  const host = await plainStaticHost(site, (path) => (path.endsWith('model.onnx') && held) || undefined);
  network.allow(host.url);
  const app = new AppPage(page);
  const versionOf = (one: Page) => one.locator('html').getAttribute('data-version');
  const notice = page.locator('[data-code=update-waiting]');
  const button = notice.getByRole('button', { name: 'Update now' });
  const lookForUpdate = () => page.evaluate(async () => void (await (await navigator.serviceWorker.ready).update()));
  try {
    await page.goto(host.url);
    await untilIsolated(page);
    // One that does not arrive whole is as if it were not there.
    publishNextVersion(site, 'broken', false);
    await lookForUpdate();
    await page.reload();
    expect(await versionOf(page)).toBeNull();
    await expect(notice).toBeHidden();

    held = new Promise((resolve) => {
      go = resolve;
    });
    await app.dropFile(tinyBox().buffer, 'box.nii.gz');
    await app.waitForScan('box.nii.gz');
    await app.segment();
    publishNextVersion(site, 'next');
    await lookForUpdate();
    await expect(notice).toContainText('when the segmentation has ended');
    await expect(button).toBeDisabled();
    go();
    await app.waitForSegmented();
    await expect(notice).toContainText('when the mask has been saved');
    await app.download('mask');
    await expect(button).toBeEnabled();

    const other = new AppPage(await context.newPage());
    await other.page.goto(host.url);
    await other.dropFile(tinyBox().buffer, 'other.nii.gz');
    await other.waitForScan('other.nii.gz');
    await button.click();
    await expect(page.locator('[data-code=update-elsewhere]')).toContainText('another window');
    await expect(app.segmentButton()).toBeVisible();
    await other.page.close();

    const idle = await context.newPage();
    await idle.goto(host.url);
    expect(await versionOf(idle)).toBeNull();
    await button.click();
    await expect(page.locator('html')).toHaveAttribute('data-version', 'next');
    await expect(idle.locator('html')).toHaveAttribute('data-version', 'next');
    const kept = await page.evaluate(async () => {
      const keys = (
        await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()))
      ).flat();
      return keys.map(({ url }) => url).filter((url) => url.includes('index.html'));
    });
    expect(kept).toHaveLength(1);
  } finally {
    go();
    host.kill();
    remove();
  }
});

test('the browser finds nothing that hinders installing it; what is shared with it is opened, and kept nowhere', async ({
  page,
  context,
  network,
}) => {
  const { site, remove } = siteWithTinyModel();
  const host = await plainStaticHost(site);
  network.allow(host.url);
  network.allowSending('/share');
  const app = new AppPage(page);
  try {
    await page.goto(host.url);
    await untilIsolated(page);
    const browser = await context.newCDPSession(page);
    const { errors, manifest } = await browser.send('Page.getAppManifest');
    expect(errors).toEqual([]);
    expect(manifest.shortcuts?.map(({ url }) => url.slice(host.url.length))).toEqual([
      '',
      '?demo=brain',
      '?demo=abdomen',
    ]);
    expect(manifest.shareTarget?.action).toBe(`${host.url}share`);
    const { installabilityErrors } = await browser.send('Page.getInstallabilityErrors');
    // A test's window is as a private one, where no browser installs.
    expect(installabilityErrors.map(({ errorId }) => errorId)).toEqual(['in-incognito']);

    await page.evaluate(() => {
      const event = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), {
        prompt: async () => {
          document.title = 'asked';
          return { outcome: 'accepted' };
        },
      });
      window.dispatchEvent(event);
    });
    await page.getByRole('button', { name: 'Menu' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Install Organscope' }).press('Enter');
    await expect(page).toHaveTitle('asked');

    // As the system posts it: a form of another place, into this window.
    const { name, buffer } = tinyBox();
    await page.evaluate(
      async ({ base64, name }) => {
        const form = new FormData();
        form.append('files', new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
        const { url } = await fetch('share', { method: 'POST', body: form });
        location.href = url;
      },
      { base64: buffer.toString('base64'), name },
    );
    await app.waitForScan(name);
    expect(new URL(page.url()).search).toBe('');
    expect(await page.evaluate(() => caches.keys())).not.toContain('organscope-shared');

    // A share that did not arrive is said.
    await page.goto(`${host.url}?shared`);
    await expect(app.error()).toContainText('did not arrive');
  } finally {
    host.kill();
    remove();
  }
});
