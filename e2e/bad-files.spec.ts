import { gzipSync } from 'node:zlib';
import { scanWithBlock } from './fixtures/syntheticNifti';
import { expect, test } from './fixtures/test';
import { AppPage } from './pages/appPage';

const good = scanWithBlock('RAS');
const packed = gzipSync(good);
/** As bgzip, mgzip and cat leave it, with the zeros of a tape block behind; browsers' own streams refuse such files. */
const members = Buffer.concat([good.subarray(0, 400), good.subarray(400)].map((part) => gzipSync(part)));
const padded = Buffer.concat([members, Buffer.alloc(512)]);
const jpeg = Buffer.concat([
  Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]),
  Buffer.from('JFIF\0'),
  Buffer.alloc(2000, 7),
]);

const badFiles = [
  { what: 'an empty file', name: 'empty.nii', bytes: Buffer.alloc(0) },
  { what: 'a JPEG called .nii', name: 'photo.nii', bytes: jpeg },
  { what: 'a gzip that ends too early', name: 'cut.nii.gz', bytes: packed.subarray(0, packed.length >> 1) },
  { what: 'a scan that ends too early', name: 'short.nii', bytes: good.subarray(0, good.length - 1000) },
  { what: 'a text file', name: 'notes.txt', bytes: Buffer.from('Patient came in on Monday.\n'.repeat(40)) },
];

test('a file that is no scan gets a sentence, and the page stays usable', async ({ page }) => {
  const app = new AppPage(page);
  for (const { what, name, bytes } of badFiles) {
    await test.step(what, async () => {
      await app.gotoApp();
      await app.dropFile(bytes, name);
      await expect(app.error()).toContainText(name);
      await expect(app.error()).toContainText(/\.$/);
      await app.openFile(good, 'good.nii');
      await app.waitForScan('good.nii');
      await expect(page.getByRole('alert')).toHaveCount(0);
    });
  }
});

test('a bad file takes nothing away from the scan that is open', async ({ page }) => {
  const app = new AppPage(page);
  await app.gotoApp();
  await app.openFile(padded, 'good.nii.gz');
  await app.waitForScan('good.nii.gz');
  await app.wheelPane('axial', 100);
  await expect(app.slice('axial')).toHaveText('10 / 20');
  await app.dropFile(jpeg, 'photo.nii');
  await expect(app.error()).toContainText('photo.nii');
  await app.waitForScan('good.nii.gz');
  await expect(app.slice('axial')).toHaveText('10 / 20');
  await app.dropFile(members.subarray(0, members.length - 20), 'cut.nii.gz');
  await expect(app.error().filter({ hasText: 'cut.nii.gz' })).toContainText('damaged or incomplete gzip');
  await app.waitForScan('good.nii.gz');
  await page.getByRole('button', { name: 'Dismiss this message' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a file name with markup is shown as text', async ({ page }) => {
  const app = new AppPage(page);
  await app.gotoApp();
  await app.dropFile(jpeg, '<img src=x onerror=alert(1)>.nii');
  await expect(app.error()).toContainText('<img src=x onerror=alert(1)>.nii');
});
