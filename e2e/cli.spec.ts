import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../scripts/setup.mjs';
import { cropNifti } from './fixtures/cropNifti';
import { demo } from './fixtures/demo';
import { agreement, readVolume } from './fixtures/masks';
import { expect, test } from './fixtures/test';
import { HeadlessPage } from './pages/headlessPage';

/** Runs the command as a user does, from another folder. */
function segment(cwd: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync('node', [join(root, 'scripts/segment.mjs'), ...args], {
    cwd,
    encoding: 'utf8',
  });
  return { status, stdout, lines: stderr.split('\n').filter((line) => line.trim() !== '') };
}

/** A folder of this test with a small real scan in it. */
function folderWithScan(outputPath: (name: string) => string): string {
  const scan = outputPath('scan.nii.gz');
  writeFileSync(scan, cropNifti(readFileSync(demo), [26, 40, 36], [101, 117, 93]));
  return dirname(scan);
}

test('the command writes the mask the page makes, and a report', async ({ page }, info) => {
  const folder = folderWithScan((name) => info.outputPath(name));
  const args = ['--model', 'brain-mri-lite', '--out', 'mask.nii.gz', '--provider', 'wasm', '--json', 'report.json'];
  const { status, stdout, lines } = segment(folder, 'scan.nii.gz', ...args, '--strict');
  expect(lines).toEqual([expect.stringMatching(/^Warning: This scan measures 117 mm from back to front/)]);
  expect(status).toBe(3); // a mask is written, but not without a warning
  expect(stdout).toContain('window 1/1');
  expect(stdout).toMatch(/Planned memory without the network: \d+ MB \(class probabilities \d+ MB/);
  expect(readdirSync(folder).sort()).toEqual(['mask.nii.gz', 'report.json', 'scan.nii.gz']);

  const headless = await HeadlessPage.open(page);
  await headless.choose(join(folder, 'scan.nii.gz'));
  const fromPage = await headless.mask({ provider: 'wasm', modelUrl: 'models/brain-mri-lite/' });
  const mask = await readVolume(join(folder, 'mask.nii.gz'));
  expect(agreement(mask, await readVolume(fromPage.mask), 1).all).toBe(1);
  expect(new Set(mask.data).size).toBeGreaterThan(1);

  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
  const manifest = JSON.parse(readFileSync(join(root, 'public/models/brain-mri-lite/model.json'), 'utf8'));
  expect(report).toMatchObject({
    app: { name: 'organscope', version: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version },
    inputs: [join(folder, 'scan.nii.gz')],
    mask: join(folder, 'mask.nii.gz'),
    model: { name: 'brain-mri-lite', version: manifest.version, sha256: manifest.weights.sha256 },
    provider: { provider: 'wasm' },
    timings: { windows: 1 },
    dimsXyz: [101, 117, 93],
    warnings: [{ code: 'extent', message: lines[0].replace('Warning: ', '') }],
  });
  expect(report.regions).toEqual([]); // as the model's own
  for (const { id, name, voxels, ml } of report.labels) {
    expect(name).toBe(manifest.labels[id].name);
    expect(voxels).toBe(mask.data.filter((value) => value === id).length);
    expect(ml).toBeCloseTo(voxels / 1000, 9); // 1 mm voxels
  }
});

test('a model can be a folder, and a mask can be written without compression', async () => {
  const info = test.info();
  const folder = folderWithScan((name) => info.outputPath(name));
  const model = join(root, 'public/models/brain-mri-lite');
  const { status } = segment(folder, 'scan.nii.gz', '--model', model, '--out', 'mask.nii', '--provider', 'wasm');
  expect(status).toBe(0);
  expect(readFileSync(join(folder, 'mask.nii')).readInt32LE(0)).toBe(348);
});

const usage: [string, string[], RegExp][] = [
  ['without arguments', [], /at least one scan, got 0.*Usage: /],
  ['without a model', ['scan.nii.gz', '--out', 'mask.nii.gz'], /--model is missing/],
  ['without a target', ['scan.nii.gz', '--model', 'brain-mri'], /--out is missing/],
  ['with an unknown option', ['scan.nii.gz', '--modle', 'x'], /--modle/],
  [
    'with an unknown provider',
    ['scan.nii.gz', '--model', 'brain-mri', '--out', 'mask.nii.gz', '--provider', 'cuda'],
    /got "cuda"/,
  ],
  [
    'with an unknown precision',
    ['scan.nii.gz', '--model', 'brain-mri', '--out', 'mask.nii.gz', '--precision', 'fp8'],
    /fp32 or fp16, got "fp8"/,
  ],
  ['with a target that is no NIfTI file', ['scan.nii.gz', '--model', 'brain-mri', '--out', 'mask.png'], /\.nii/],
  ['that would overwrite the scan', ['scan.nii.gz', '--model', 'brain-mri', '--out', 'scan.nii.gz'], /scan itself/],
];
for (const [what, args, expected] of usage) {
  test(`a command ${what} exits with 2 and one line`, () => {
    const info = test.info();
    const folder = folderWithScan((name) => info.outputPath(name));
    const before = readFileSync(join(folder, 'scan.nii.gz'));
    const { status, lines } = segment(folder, ...args);
    expect(status).toBe(2);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(expected);
    expect(readFileSync(join(folder, 'scan.nii.gz')).equals(before)).toBe(true);
  });
}

const failures: [string, string, string[], RegExp][] = [
  [
    'a scan that is not there',
    'none.nii.gz',
    ['--model', 'brain-mri', '--out', 'mask.nii.gz'],
    /no file none\.nii\.gz/,
  ],
  ['an unknown model', 'scan.nii.gz', ['--model', 'heart', '--out', 'mask.nii.gz'], /no model "heart".*brain-mri/],
  [
    'a target folder that is not there',
    'scan.nii.gz',
    ['--model', 'brain-mri', '--out', 'none/mask.nii.gz'],
    /none does not exist/,
  ],
  ['a file that is no scan', 'notes.nii.gz', ['--model', 'brain-mri', '--out', 'mask.nii.gz'], /./],
  ['a scan without contrast', 'flat.nii.gz', ['--model', 'brain-mri', '--out', 'mask.nii.gz'], /same value \(0\)/],
];
for (const [what, scan, args, expected] of failures) {
  test(`${what} exits with 1, one line, and no mask`, () => {
    const info = test.info();
    const folder = folderWithScan((name) => info.outputPath(name));
    writeFileSync(join(folder, 'notes.nii.gz'), 'not a scan');
    // A corner of the demo scan is air: every voxel is 0.
    writeFileSync(join(folder, 'flat.nii.gz'), cropNifti(readFileSync(demo), [0, 0, 0], [7, 5, 3]));
    const before = readdirSync(folder).sort();
    const { status, lines } = segment(folder, scan, ...args, '--provider', 'wasm');
    expect(status).toBe(1);
    const errors = lines.filter((line) => !line.startsWith('Warning: '));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(expected);
    expect(errors[0]).not.toContain('    at ');
    expect(readdirSync(folder).sort()).toEqual(before);
    expect(existsSync(join(folder, 'mask.nii.gz'))).toBe(false);
  });
}
