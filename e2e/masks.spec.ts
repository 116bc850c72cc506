/** Masks: how they are drawn and hidden. */

import { quarterColors, quarters, useQuarters } from './fixtures/quarters';
import { expect, test } from './fixtures/test';

const [one, two, three, four] = quarterColors;

test('masks are drawn in their colours, on their side, and can be hidden one by one', async ({ page }) => {
  const app = await useQuarters(page);
  expect((await app.legend()).map(({ ml }) => ml)).toEqual(['72.0', '72.0', '72.0', '72.0', '144.0']);
  await page.getByRole('radio', { name: 'Fill' }).check();
  await page.getByRole('slider', { name: 'Mask opacity' }).fill('100');

  expect(await quarters(app)).toEqual([one, two, three, four]);

  await app.toggleLabel('right front');
  const hidden = await quarters(app);
  await app.hoverPane('axial', 0.35, 0.35);
  await expect(app.structureRead()).toHaveText('left front');
  await app.hoverPane('axial', 0.65, 0.35);
  await expect(app.structureRead()).toHaveText('hidden structure');
  expect([hidden[0], hidden[2], hidden[3]]).toEqual([one, three, four]);
  expect(new Set(hidden[1]).size).toBe(1); // grey
  await app.soloLabel('left back');
  const solo = await quarters(app);
  expect(solo[2]).toEqual(three);
  for (const other of [solo[0], solo[1], solo[3]]) expect(new Set(other).size).toBe(1);
  expect(app.problems).toEqual([]);
});

test('a region of two structures is shown and hidden as one', async ({ page }) => {
  const app = await useQuarters(page);
  await page.getByRole('radio', { name: 'Fill' }).check();
  await page.getByRole('slider', { name: 'Mask opacity' }).fill('100');
  // Shown in part it becomes whole, then both go.
  await app.soloLabel('left back');
  await app.soloLabel('left half');
  await app.toggleLabel('left half');
  expect((await quarters(app)).map((pixel) => new Set(pixel).size === 1)).toEqual([true, true, true, true]);
  await app.toggleLabel('left half');
  const half = await quarters(app);
  expect([half[0], half[2]]).toEqual([one, three]);
  for (const other of [half[1], half[3]]) expect(new Set(other).size).toBe(1);
  expect(app.problems).toEqual([]);
});

test('masks are switched off, or drawn as outlines', async ({ page }) => {
  const app = await useQuarters(page);
  await page.getByRole('radio', { name: 'Fill' }).check();
  await page.getByRole('slider', { name: 'Mask opacity' }).fill('100');
  await app.hoverPane('axial', 0.65, 0.35);
  await page.keyboard.press('s');
  await expect(app.structureRead()).toHaveText('masks hidden');
  for (const pixel of await quarters(app)) expect(new Set(pixel).size).toBe(1);
  await page.keyboard.press('s');

  await page.getByRole('radio', { name: 'Outline' }).check();
  expect(new Set((await quarters(app))[2]).size).toBe(1);
  expect(app.problems).toEqual([]);
});
