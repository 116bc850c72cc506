/**
 * `npm run release`: everything of a version, in release/. The same commit gives the same bytes, whoever makes them and
 * when. It refuses a tree with changes that no commit has, and a version that CHANGELOG.md says nothing of.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { commitTime, portableZip } from './portable.ts';
import { archives, changelogSection, sha256Sums } from './releaseParts.ts';
import { billOfMaterials } from './sbom.ts';
import { root } from './setup.mjs';

const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
const out = join(root, 'release');
const dist = join(root, 'dist');

async function release(): Promise<void> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const notes = changelogSection(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version);
  const changed = git('status', '--porcelain');
  if (changed) throw new Error(`There are changes that no commit has. Commit them, or take them back:\n${changed}`);
  const time = commitTime();

  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
  execFileSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  for (const [name, bytes] of archives(dist, version, time)) writeFileSync(join(out, name), bytes);
  const bom = billOfMaterials(dist, time);
  const problem = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(bom);
  if (problem) throw new Error(`The bill of materials breaks its schema: ${JSON.stringify(problem)}`);
  writeFileSync(join(out, `organscope-${version}.cdx.json`), bom);
  writeFileSync(join(out, 'CHANGELOG.md'), notes);
  writeFileSync(join(out, `organscope-${version}-portable.zip`), portableZip(dist, version, time));

  const files = new Map(readdirSync(out).map((name) => [name, readFileSync(join(out, name))]));
  writeFileSync(join(out, 'SHA256SUMS'), sha256Sums(files));
  console.log(`\nOrganscope ${version} of ${time.toISOString()} is in release/:`);
  for (const [name, bytes] of files) console.log(`${(bytes.length / 1e6).toFixed(1).padStart(8)} MB  ${name}`);
}

try {
  await release();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
