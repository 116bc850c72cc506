/** The runners themselves, on a skipped test: each must end with another code than 0. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { root } from './setup.mjs';

mkdirSync(join(root, '.cache'), { recursive: true });
const folder = mkdtempSync(join(root, '.cache/no-skips-'));
afterAll(() => rmSync(folder, { recursive: true }));
const reporter = JSON.stringify(join(root, 'scripts/noSkips.mjs'));

writeFileSync(
  join(folder, 'vitest.config.mjs'),
  `import { NoSkipsInVitest } from ${reporter}; export default { test: { include: ['*.vitest.mjs'], reporters: [new NoSkipsInVitest()] } };`,
);
const vitest = (...args: string[]) =>
  spawnSync('node', [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder, ...args], {
    encoding: 'utf8',
    env: { ...process.env, VITEST: undefined },
  });

const playwright = () =>
  spawnSync('node', [join(root, 'node_modules/@playwright/test/cli.js'), 'test'], { cwd: folder, encoding: 'utf8' });

it('vitest passes without a skipped test, also where a filter leaves tests out', () => {
  writeFileSync(join(folder, 'a.vitest.mjs'), `import { it } from 'vitest'; it('one', () => {}); it('two', () => {});`);
  expect(vitest('-t', 'one').status).toBe(0);
});

it('vitest fails with skipped tests of every kind, and names them', () => {
  const kinds = `it.skip('by itself', () => {}); it.skipIf(true)('by a condition', () => {}); it.todo('to do');`;
  writeFileSync(join(folder, 'a.vitest.mjs'), `import { it } from 'vitest'; it('one', () => {}); ${kinds}`);
  const { status, stderr } = vitest();
  expect(status).toBe(1);
  for (const name of ['by itself', 'by a condition', 'to do'])
    expect(stderr).toContain(`Skipped: a.vitest.mjs: ${name}`);
});

it('Playwright passes without a skipped test, and fails with one', () => {
  const config = `export default { testMatch: '*.spec.mjs', outputDir: 'out', reporter: [[${reporter}]] };`;
  writeFileSync(join(folder, 'playwright.config.mjs'), config);
  const one = `import { test } from '@playwright/test'; test('one', () => {});`;
  writeFileSync(join(folder, 'a.spec.mjs'), one);
  expect(playwright().status).toBe(0);
  writeFileSync(join(folder, 'a.spec.mjs'), `${one} test('left out', () => test.skip(true, 'no file'));`);
  const { status, stderr } = playwright();
  expect(status).toBe(1);
  expect(stderr).toContain('left out');
});
