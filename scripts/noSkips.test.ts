/** The runners themselves, on a skipped test: each must end with another code than 0. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
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

describe('vitest', () => {
  it('passes without a skipped test, also where a filter leaves tests out', () => {
    writeFileSync(
      join(folder, 'a.vitest.mjs'),
      `import { it } from 'vitest'; it('one', () => {}); it('two', () => {});`,
    );
    expect(vitest().status).toBe(0);
    expect(vitest('-t', 'one').status).toBe(0);
  });

  it.each(['it.skip', 'it.skipIf(true)', 'it.todo'])('fails with %s and names the test', (skip) => {
    writeFileSync(
      join(folder, 'a.vitest.mjs'),
      `import { it } from 'vitest'; it('one', () => {}); ${skip}('left out');`,
    );
    const { status, stderr } = vitest();
    expect(status).toBe(1);
    expect(stderr).toContain('Skipped: a.vitest.mjs: left out');
  });
});

describe('Playwright', () => {
  it.each([
    ['a test that runs', `test('one', () => {});`, 0],
    ['a skipped one', `test('one', () => {}); test.skip('left out', () => {});`, 1],
    ['one that skips itself', `test('left out', () => test.skip(true, 'no file'));`, 1],
  ])('on %s', (_, tests, expected) => {
    writeFileSync(join(folder, 'a.spec.mjs'), `import { test } from '@playwright/test'; ${tests}`);
    writeFileSync(
      join(folder, 'playwright.config.mjs'),
      `export default { testMatch: '*.spec.mjs', outputDir: 'out', reporter: [[${reporter}]] };`,
    );
    const { status, stderr } = spawnSync('node', [join(root, 'node_modules/@playwright/test/cli.js'), 'test'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(status).toBe(expected);
    if (expected) expect(stderr).toContain('left out');
  });
});
