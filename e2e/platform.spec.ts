import { expect, test } from '@playwright/test';

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
  const files = await page.evaluate(async () => {
    const read = async (url: string) => {
      const response = await fetch(url);
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, type: response.headers.get('content-type'), head: [...bytes.slice(0, 4)] };
    };
    return {
      wasm: await read('ort/ort-wasm-simd-threaded.asyncify.wasm'),
      loader: await read('ort/ort-wasm-simd-threaded.mjs'),
      demo: await read('demo/brain_t1.nii.gz'),
    };
  });
  expect(files.wasm).toEqual({ status: 200, type: 'application/wasm', head: [0x00, 0x61, 0x73, 0x6d] });
  expect(files.loader.status).toBe(200);
  expect(files.loader.type).toContain('javascript');
  expect(files.demo.head.slice(0, 2)).toEqual([0x1f, 0x8b]);
});

test('the content security policy stops a request to another origin', async ({ page }) => {
  await page.goto('./');
  const outcome = await page.evaluate(() =>
    fetch('https://example.com/').then(
      () => 'sent',
      () => 'refused',
    ),
  );
  const violation = await page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective));
        fetch('https://example.com/').catch(() => undefined);
      }),
  );
  expect(outcome).toBe('refused');
  expect(violation).toBe('connect-src');
});
