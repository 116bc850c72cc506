/** A demonstration from a cold start without a network to its end, by keyboard, with the real model; what a hall sees of it. */
import { AxeBuilder } from '@axe-core/playwright';
import { plainStaticHost } from './fixtures/servers';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';
import { DemoPage } from './pages/demoPage';
import type { Picture } from './pages/picture';

test.use({ serviceWorkers: 'allow' });

const SIZES = [
  [1920, 1080],
  [1024, 768],
  [1280, 720],
] as const;

/** Part of a picture's points that have a colour. */
function coloured({ width, height, rgb }: Picture): number {
  let [count, all] = [0, 0];
  for (let y = 2; y < height - 2; y += 3) {
    for (let x = 2; x < width - 2; x += 3, all++) {
      const point = rgb(x, y);
      if (Math.max(...point) - Math.min(...point) > 24) count++;
    }
  }
  return count / all;
}

test('a presenter walks through a demonstration by keyboard, offline after one visit, and the next visitor finds its first step', async ({
  page: visited,
  context,
  network,
}, info) => {
  const host = await plainStaticHost();
  network.allow(host.url);
  await new DemoPage(visited).goto(`${host.url}?demo=brain`);
  await expect(visited.getByText('The scan is read')).toBeVisible();
  await expect(visited.getByText('The network is on this computer')).toBeVisible({ timeout: 120_000 });
  await visited.evaluate(() => navigator.serviceWorker.ready);
  await visited.close();
  host.kill();
  await context.setOffline(true);

  const page = await context.newPage();
  await page.clock.install();
  await page.setViewportSize({ width: 1280, height: 720 });
  const [app, demo] = [new AppPage(page), new DemoPage(page)];
  await demo.goto(`${host.url}?demo=brain`);
  await expect(demo.caption()).toContainText('Nothing leaves this computer');
  await expect(page.getByTestId('requests-badge')).toHaveAttribute('data-count', '0');
  await expect(page.getByText('The scan is read')).toBeVisible();

  /** What a step looks like on three walls. */
  const look = async (step: number) => {
    for (const [width, height] of SIZES) {
      await app.resize(width, height);
      expect(await demo.faults(), `step ${step + 1} at ${width} x ${height}`).toEqual([]);
      if (width !== 1024) await info.attach(`step ${step + 1}, ${width}`, { body: await page.screenshot() });
    }
  };
  await look(0);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  expect(coloured((await app.pictures()).axial)).toBeLessThan(0.001);

  await page.keyboard.press('ArrowRight');
  await demo.waitForStep(1);
  const slice = await app.slice('axial').textContent();
  await look(1);
  await page.keyboard.press('PageDown');
  await demo.waitForStep(2);
  await expect(demo.times()).toContainText('All masks', { timeout: 240_000 });
  console.log(`demonstration, brain: ${(await demo.times().innerText()).replaceAll('\n', ' ')}`);
  await look(2);
  const { axial, coronal, sagittal } = await app.pictures();
  for (const picture of [axial, coronal, sagittal]) expect(coloured(picture)).toBeGreaterThan(0.05);
  // None of the presenter's keys has moved a slice.
  expect(await app.slice('axial').textContent()).toBe(slice);

  await page.keyboard.press('Space');
  await demo.waitForStep(3);
  await expect(app.pane('axial')).toBeHidden();
  await expect(app.structureRead()).toHaveText('left hippocampus');
  await expect(demo.structure('left hippocampus')).toContainText(/\d\.\d ml/);
  await page.keyboard.press('ArrowUp');
  await expect(app.structureRead()).toBeVisible();
  await look(3);
  await page.keyboard.press('PageUp');
  await demo.waitForStep(2);
  await expect(app.pane('axial')).toBeVisible();
  for (const step of [3, 4, 5, 6]) {
    await page.keyboard.press('PageDown');
    await demo.waitForStep(step);
    if (step > 3) await look(step);
    if (step === 5) await expect(app.structureRead()).toHaveText('left thalamus');
  }
  const { name } = await app.download('mask');
  expect(name).toMatch(/brain_t1.*\.nii\.gz$/);
  await page.keyboard.press('PageDown');
  await demo.waitForStep(7);
  await expect(demo.caption()).toContainText('Not for clinical use');
  await look(7);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await page.clock.fastForward('02:30');
  await page.mouse.move(300, 300);
  await page.clock.fastForward('02:00');
  await demo.waitForStep(7);
  await page.clock.fastForward('01:30');
  await demo.waitForStep(0);
  await expect.poll(async () => coloured((await app.pictures()).axial)).toBeLessThan(0.001);
  expect(await app.asksBeforeLeaving()).toBe(false);

  await page.keyboard.press('Escape');
  await app.waitForScan('brain_t1.nii.gz');
  await app.waitForStatus('ready');
  await page.clock.fastForward('10:00');
  await expect(page.getByTestId('demo')).toBeHidden();
  // The browser's own word on a request that found no network; the page takes what it has kept.
  expect(app.problems.filter((text) => !text.includes('net::ERR_FAILED'))).toEqual([]);
});
