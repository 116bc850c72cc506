import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/setup.mjs';
import { expect, test } from './fixtures/test';

test('the benchmark times a small network on two providers, and every kernel of ours', async () => {
  const info = test.info();
  // Compiling for a software adapter takes as long as it takes.
  test.setTimeout(600_000);
  const folder = info.outputPath('network');
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(root, 'src/inference/network/onnx/fixtures/shared-concat.onnx'), join(folder, 'model.onnx'));
  const json = info.outputPath('report.json');
  const args = ['--model', folder, '--provider', 'ort-wasm', '--provider', 'wgsl', '--windows', '2', '--json', json];
  const { status, stdout, stderr } = spawnSync('node', [join(root, 'scripts/bench.mjs'), ...args], {
    encoding: 'utf8',
  });
  expect(stderr).toContain('wgsl: window 2 of 2');
  expect(status, stdout).toBe(0);
  expect(stdout).toMatch(/^wgsl +[\d.]+ m?s/m);
  expect(stdout).toMatch(/^kernel +count +time +share/m);

  const { adapter, results, commit, date } = JSON.parse(readFileSync(json, 'utf8'));
  expect(commit).toMatch(/^[0-9a-f]{7,}\+?$|^unknown$/);
  expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(adapter.ceilings.gflops).toBeGreaterThan(0);
  const [wgsl, wasm] = results;
  expect([wgsl.provider, wasm.provider]).toEqual(['wgsl', 'ort-wasm']);
  for (const { windowMs } of results) expect(windowMs).toHaveLength(2);
  expect(wgsl.peakGpuBytes).toBeGreaterThan(1e5);
  expect(wgsl.kernels.length).toBeGreaterThan(20);
  expect(wgsl.turns.dispatches).toBeGreaterThanOrEqual(wgsl.kernels.length);
  for (const { ms } of wgsl.kernels) expect(ms).toBeGreaterThanOrEqual(0);
});
