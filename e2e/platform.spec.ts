import { runtimeAddresses } from '../scripts/runtimeFiles';
import { tryToGetOut } from './fixtures/escape';
import { foreignHost, plainStaticHost } from './fixtures/servers';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';

test('the built page is cross-origin isolated, so WebAssembly threads may share memory', async ({ page }) => {
  await page.goto('./');
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
});

test('the browser offers a WebGPU adapter', async ({ page }) => {
  await page.goto('./');
  expect(await page.evaluate(async () => (await navigator.gpu.requestAdapter()) !== null)).toBe(true);
});

test('run-time files are served under their own names, the demo scan still gzipped', async ({ page }) => {
  await page.goto('./');
  const files = await page.evaluate(async ({ ort, demo }) => {
    const read = async (url: string) => {
      const response = await fetch(url);
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, type: response.headers.get('content-type'), head: [...bytes.slice(0, 4)] };
    };
    return {
      wasm: await read(`${ort}ort-wasm-simd-threaded.asyncify.wasm`),
      loader: await read(`${ort}ort-wasm-simd-threaded.mjs`),
      demo: await read(demo['brain_t1.nii.gz']),
    };
  }, runtimeAddresses);
  expect(files.wasm).toEqual({ status: 200, type: 'application/wasm', head: [0x00, 0x61, 0x73, 0x6d] });
  expect(files.loader.status).toBe(200);
  expect(files.loader.type).toContain('javascript');
  expect(files.demo.head.slice(0, 2)).toEqual([0x1f, 0x8b]);
});

test('an address with a slash too many is answered, not an error of the server', async ({ page }) => {
  expect((await page.request.get('.//')).status()).toBeLessThan(500);
});

/** Starts a worker inside a worker, as ONNX Runtime starts its threads, and tries to get out of it. */
const fromNestedWorker = ({ source, foreign }: { source: string; foreign: string }) =>
  new Promise<string[]>((resolve) => {
    const script = `(${source})({ foreign: '${foreign}', from: 'nested' }).then((tried) => postMessage(tried))`;
    const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));
    worker.onmessage = ({ data }) => resolve(data);
  });

for (const host of ['with headers', 'on a plain static host']) {
  test(`nothing gets out of the page, its worker or a worker of that one, and each try is counted as blocked, ${host}`, async ({
    page,
    baseURL,
    network,
  }) => {
    const { port, arrived, close } = await foreignHost();
    const plain = await plainStaticHost();
    const foreign = `127.0.0.1:${port}`;
    network.allow(plain.url);
    // The way there is open, so that the policy alone stands before it.
    network.allow(`http://${foreign}`);
    network.expectTries();
    try {
      await fetch(`http://${foreign}/control`);
      expect(arrived).toEqual(['GET /control']);

      const started = page.waitForEvent('worker');
      const response = await page.goto(host === 'with headers' ? (baseURL as string) : plain.url);
      expect('content-security-policy' in (response?.headers() ?? {})).toBe(host === 'with headers');
      await page.route('**/unbound.js', (route) =>
        route.fulfill({
          contentType: 'text/javascript',
          body: "onmessage = ({ data }) => fetch(data, { method: 'POST', mode: 'no-cors' }).finally(() => postMessage(0))",
        }),
      );
      const worker = await started;
      const nested = worker.evaluate(fromNestedWorker, { source: String(tryToGetOut), foreign });
      const tried = [
        ...(await worker.evaluate(tryToGetOut, { foreign, from: 'worker' })),
        ...(await nested),
        ...(await page.evaluate(tryToGetOut, { foreign, from: 'page' })),
      ];
      expect(tried.length).toBeGreaterThan(50);
      // No policy covers WebRTC, nor a window that is opened: threads other than the page's have neither.
      expect(await worker.evaluate(() => [typeof RTCPeerConnection, typeof open])).toEqual(['undefined', 'undefined']);
      await page.waitForTimeout(500);
      expect(arrived).toEqual(['GET /control']);
      const privacy = await new AppPage(page).requestsBeyond();
      expect(privacy.beyond).toEqual([]);
      // The thread that the test started itself, without boundWorker.ts, is watched by nobody.
      for (const thread of ['page', 'worker']) {
        const ways = ['fetch', 'xhr', 'websocket', 'eventsource', 'import', 'font', 'webtransport'];
        const blocked = ways.map((way) => `${foreign}/${thread}/${way}`);
        expect(privacy.blocked.map((address) => address.replace(/^\w+:\/\//, ''))).toEqual(
          expect.arrayContaining(blocked),
        );
      }
    } finally {
      close();
      plain.close();
    }
  });
}

test('what goes beyond the servers of a test is seen on its way, from any thread', async ({ page, gate, network }) => {
  const { port, arrived, close } = await foreignHost();
  const elsewhere = `http://127.0.0.1:${port}`;
  network.expectTries();
  // A page without a policy.
  await page.route('**/open.html', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Open</h1>' }));
  await page.goto('./open.html');
  await page.evaluate(async (elsewhere) => {
    await fetch(`${elsewhere}/page`, { mode: 'no-cors' }).catch(() => undefined);
    const ask = `fetch('${elsewhere}/worker', { mode: 'no-cors' }).catch(() => 0).then(() => postMessage(0))`;
    const worker = new Worker(URL.createObjectURL(new Blob([ask], { type: 'text/javascript' })));
    await new Promise((resolve) => worker.addEventListener('message', resolve));
    const socket = new WebSocket(`${elsewhere.replace('http', 'ws')}/socket`);
    await new Promise((resolve) => socket.addEventListener('error', resolve));
  }, elsewhere);
  close();
  expect(gate.refused).toEqual([`GET ${elsewhere}/page`, `GET ${elsewhere}/worker`, `CONNECT 127.0.0.1:${port}`]);
  expect(arrived).toEqual([]);
  gate.refused.length = 0;
});
