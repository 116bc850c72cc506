/**
 * The software bill of materials of a release, CycloneDX 1.6: the npm packages that are in the build, the files that are
 * copied into it, and the models with their weights. Equal builds have an equal one.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LicenseList } from '../src/ui/dialogs/licenseList';
import { runtimeFiles } from './runtimeFiles.ts';
import { root } from './setup.mjs';

type Json = { [key: string]: unknown };

type Reference = Json & { type: string; url: string };

export interface Component extends Json {
  'bom-ref': string;
  name: string;
  version?: string;
  group?: string;
  externalReferences?: Reference[];
  properties?: { name: string; value: string }[];
}

export interface Bom extends Json {
  metadata: Json & { component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}

/** What `model.json` says of a model; docs/model-format.md. */
interface Manifest {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly license: string;
  readonly intendedUse: string;
  readonly limitations: string;
  readonly trainingData: readonly { readonly name: string; readonly license: string; readonly source: string }[];
  readonly weights: {
    readonly sha256: string;
    readonly files: readonly { readonly file: string; readonly sha256: string }[];
  };
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const hash = (content: string, alg = 'SHA-256') => [{ alg, content }];
const byRef = (a: { 'bom-ref': string }, b: { 'bom-ref': string }) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1);

/** @param license an SPDX identifier or expression */
function licenses(license: string): Json[] {
  const plain = license.replace(/^\((.*)\)$/, '$1');
  return / (AND|OR) /.test(plain) ? [{ expression: plain }] : [{ license: { id: plain } }];
}

/** Every package in node_modules, also those that no build contains, as cyclonedx-npm sees them. */
export function installedPackages(): Bom {
  const program = join(root, 'node_modules/@cyclonedx/cyclonedx-npm/bin/cyclonedx-npm-cli.js');
  const options = ['--output-reproducible', '--flatten-components', '--spec-version', '1.6', '--output-format', 'JSON'];
  const json = execFileSync(process.execPath, [program, ...options], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return JSON.parse(json);
}

/** Scans of other people, in a folder that looks like a package so that its licence is checked like one. */
const samples: { name: string; version: string; license: string; homepage: string } = JSON.parse(
  readFileSync(join(root, 'samples/package.json'), 'utf8'),
);

const fullName = ({ group, name }: Component) => (group ? `${group}/${name}` : name);

/** What npm says it downloaded: the same on every machine, unlike addresses of mirrors. */
function distribution(name: string, version: string, integrity: string | undefined): Reference[] {
  const [alg, base64] = integrity?.split('-', 2) ?? [];
  if (alg !== 'sha512') return [];
  const url = `https://registry.npmjs.org/${name}/-/${name.split('/').at(-1)}-${version}.tgz`;
  return [{ type: 'distribution', url, hashes: hash(Buffer.from(base64, 'base64').toString('hex'), 'SHA-512') }];
}

/** @param all as cyclonedx-npm gives them @param list what the build contains @throws Error where one of those is not installed */
function packageComponents(all: Bom, list: LicenseList): Component[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return list.packages.map(({ name, version, license }) => {
    if (name === samples.name) {
      const externalReferences = [{ type: 'website', url: samples.homepage }];
      return { type: 'data', 'bom-ref': 'samples', name, version, licenses: licenses(license), externalReferences };
    }
    const found = all.components.find((one) => fullName(one) === name && one.version === version);
    if (!found) throw new Error(`${name} ${version} is in the build, but not installed. Build again.`);
    const path = found.properties?.find((property) => property.name === 'cdx:npm:package:path')?.value ?? '';
    const elsewhere = found.externalReferences?.filter(({ type }) => type !== 'distribution') ?? [];
    const externalReferences = [...elsewhere, ...distribution(name, version, lock[path]?.integrity)];
    // Corrected where package.json is wrong (scripts/licenses.ts). Whether npm calls it a tool says nothing of a build.
    return { ...found, licenses: licenses(license), externalReferences, properties: undefined };
  });
}

/** Files that the build copies as they are, under the licence of the package that they are from. */
function fileComponents(dist: string, list: LicenseList): Component[] {
  return runtimeFiles.map(({ url, source }) => {
    const owner = (name: string) => source.startsWith(name === samples.name ? '../samples/' : `${name}/`);
    const origin = list.packages.find(({ name }) => owner(name));
    if (!origin) throw new Error(`${url} is of no package in licenses.json. Build again.`);
    return {
      type: 'file',
      'bom-ref': `file:${url}`,
      name: url,
      version: origin.version,
      hashes: hash(sha256(join(dist, url))),
      licenses: licenses(origin.license),
    };
  });
}

/** A model: its whole network by hash, each file of it, and what its card says. */
function modelComponent(dist: string, name: string): Component {
  const folder = join(dist, 'models', name);
  const model: Manifest = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
  const ref = `model:${name}@${model.version}`;
  return {
    type: 'machine-learning-model',
    'bom-ref': ref,
    name,
    version: model.version,
    description: model.title,
    hashes: hash(model.weights.sha256),
    licenses: licenses(model.license),
    externalReferences: [
      { type: 'model-card', url: `models/${name}/MODEL_CARD.md`, hashes: hash(sha256(join(folder, 'MODEL_CARD.md'))) },
    ],
    components: model.weights.files.map(({ file, sha256: stated }) => {
      if (sha256(join(folder, file)) !== stated)
        throw new Error(`models/${name}/${file} is not what its model.json says.`);
      return { type: 'file', 'bom-ref': `${ref}/${file}`, name: `models/${name}/${file}`, hashes: hash(stated) };
    }),
    modelCard: {
      modelParameters: {
        approach: { type: 'supervised' },
        task: 'segmentation',
        modelArchitecture: 'UNETR++',
        datasets: model.trainingData.map((set) => ({
          type: 'dataset',
          name: set.name,
          description: `${set.source}. Licence: ${set.license}.`,
        })),
      },
      considerations: { useCases: [model.intendedUse], technicalLimitations: [model.limitations] },
    },
  };
}

/** Edges between what is left; what nothing needs any more hangs from the root. */
function dependencies(all: Bom, rootRef: string, kept: readonly Component[]): Bom['dependencies'] {
  const refs = new Set(kept.map((component) => component['bom-ref']));
  const edges = new Map(
    all.dependencies.map(({ ref, dependsOn = [] }) => [ref, dependsOn.filter((to) => refs.has(to))]),
  );
  const needed = new Set([...refs].flatMap((ref) => edges.get(ref) ?? []));
  const ofRoot = [...refs].filter((ref) => !needed.has(ref) || edges.get(rootRef)?.includes(ref));
  return [
    { ref: rootRef, dependsOn: ofRoot.sort() },
    ...[...refs]
      .sort()
      .map((ref) => ({ ref, ...(edges.get(ref)?.length ? { dependsOn: edges.get(ref)?.sort() } : {}) })),
  ];
}

/**
 * @param dist the built page
 * @param time of the commit that it was built from
 * @param all what is installed here
 * @returns the bill of materials as JSON text; it is not validated
 * @throws Error in words for whoever builds: something in the build has no licence, or is not what it should be
 */
export function billOfMaterials(dist: string, time: Date, all: Bom = installedPackages()): string {
  const list: LicenseList = JSON.parse(readFileSync(join(dist, 'licenses.json'), 'utf8'));
  const { component, tools } = all.metadata as Bom['metadata'] & { tools: { components: Component[] } };
  const components = [
    ...packageComponents(all, list),
    ...fileComponents(dist, list),
    ...list.models.map(({ name }) => modelComponent(dist, name)),
  ].sort(byRef);
  const bom = {
    ...all,
    metadata: {
      timestamp: time.toISOString(),
      // The version of npm says nothing of the release, and would be another one on another machine.
      tools: { components: tools.components.filter(({ group }) => group === '@cyclonedx') },
      component: { ...component, licenses: licenses(list.organscope.license), properties: undefined },
    },
    components,
    dependencies: dependencies(all, component['bom-ref'], components),
  };
  return `${JSON.stringify(bom, null, 1)}\n`;
}
