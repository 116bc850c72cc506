import { tryToGetOut } from './fixtures/escape';
import { foreignHost, plainStaticHost } from './fixtures/servers';
import { expect, test } from './fixtures/test';
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
  const app = new AppPage(page);
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
    expect(arrived).toEqual([]);
    // No file of this origin is without a policy any more, and none but the service worker's may start as a worker.
    const headers = await page.evaluate(async () => (await fetch('icon.svg')).headers.get('content-security-policy'));
    expect(headers).toContain("default-src 'self'");
    const register = (url: string) => navigator.serviceWorker.register(url).then(() => 'registered', String);
    expect(await page.evaluate(register, 'workersOnlyFrom.js')).toContain('Security');
    app.problems.length = 0;

    host.kill();
    await context.setOffline(true);
    for (const query of ['?lang=en-XA', '?model=hippocampus', '?demo=brain']) {
      await page.goto(`${host.url}${query}`);
      await expect(page.getByRole('heading', { name: 'Organscope' })).toBeVisible();
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    }
    expect(loads.length).toBe(5);
    expect(app.problems).toEqual([]);
  } finally {
    host.kill();
    close();
  }
});
