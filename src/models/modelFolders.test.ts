/**
 * Whole model folders, as `unetrpp.export` or a person writes them, from scan to labels, against what `unetrpp.predict`
 * makes of the same folder: scripts/export-onnx/tests/make_model_folders.py writes both.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { describe, expect, it, vi } from 'vitest';
import { message } from '../core/messages';
import { readNifti } from '../files/nifti/readNifti';
import { segmentVolume } from '../inference/job/segmentVolume';
import { decodeModel } from '../inference/network/onnx/decode';
import { planGraph } from '../inference/network/onnx/plan';
import { runPlan } from '../inference/network/onnx/runPlan.reference';
import type { Backend } from '../inference/network/ort/backend';
import { CpuWindows } from '../inference/windows/cpu/cpuWindows';
import { readNpy } from '../testing/npy';
import { parseManifest } from './manifest';

vi.setConfig({ testTimeout: 120_000 }); // onnxruntime-web alone takes seconds to start on a busy machine
ort.env.logLevel = 'error';
ort.env.wasm.numThreads = 1;

const FOLDERS = ['synapse', 'acdc', 'lung', 'brats', 'monai', 'nnunet-v2'];
/** Every so many numbers of a window are in the fixture. */
const SAMPLED = 7;

const url = (folder: string, file = '') => new URL(`fixtures/${folder}/${file}`, import.meta.url);
const manifestOf = (folder: string) => parseManifest(JSON.parse(readFileSync(url(folder, 'model/model.json'), 'utf8')));

function weightsOf(folder: string): Uint8Array {
  const { weights } = manifestOf(folder);
  const bytes = Buffer.concat(weights.files.map(({ file }) => readFileSync(url(folder, `model/${file}`))));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(weights.sha256);
  return new Uint8Array(bytes);
}

/** Scans in channel order: their names end in it. */
function scansOf(folder: string) {
  const names = readdirSync(url(folder)).filter((name) => name.endsWith('.nii.gz'));
  return Promise.all(names.sort().map((name) => readNifti(new Blob([readFileSync(url(folder, name))]), name)));
}

/** ONNX Runtime in WebAssembly, keeping the first and the last window. */
class Recorded implements Backend {
  readonly info = {
    provider: 'wasm',
    adapter: message('adapter', { name: 'Node' }),
    reason: message('wasm-chosen'),
  } as const;
  readonly warm = true;
  readonly windows: { patch: Float32Array; logits: Float32Array }[] = [];

  constructor(
    private readonly session: ort.InferenceSession,
    private readonly channels: number,
  ) {}

  async run(patch: Float32Array, dimsDhw: readonly number[]): Promise<Float32Array> {
    const x = new ort.Tensor('float32', patch, [1, this.channels, ...dimsDhw]);
    const made = await this.session.run({ [this.session.inputNames[0]]: x });
    const logits = made[this.session.outputNames[0]].data as Float32Array;
    this.windows.push({ patch: patch.slice(), logits: logits.slice() });
    return logits;
  }

  dispose = () => this.session.release();
}

const sampled = (values: Float32Array) => values.filter((_, i) => i % SAMPLED === 0);

/** Largest difference in deviations of what is expected. */
function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  const values = Array.from(expected);
  const mean = values.reduce((a, b) => a + b) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return Math.max(...values.map((value, i) => Math.abs(value - actual[i]))) / deviation;
}

describe.each(FOLDERS)('the model folder %s', (folder) => {
  it('gives the labels that Python gives', async () => {
    const manifest = manifestOf(folder);
    const session = await ort.InferenceSession.create(weightsOf(folder));
    const backend = new Recorded(session, manifest.channels.length);
    const { labels } = await segmentVolume(await scansOf(folder), manifest, async () => new CpuWindows(backend));
    await backend.dispose();

    // The normalised scan may differ by 3e-6; the norms of nearly empty patches make more of it.
    for (const [name, { logits }] of [
      ['first-window', backend.windows[0]],
      ['last-window', backend.windows[backend.windows.length - 1]],
    ] as const) {
      expect(worst(sampled(logits), readNpy(url(folder, `${name}.npy`)).data)).toBeLessThan(1e-3);
    }
    const expected = readNpy(url(folder, 'labels.npy'));
    expect(labels.dimsXyz).toEqual(expected.shape.toReversed());
    const different = labels.data.filter((label, i) => label !== expected.data[i]).length;
    expect(different).toBeLessThanOrEqual(Math.ceil(1e-4 * labels.data.length));
    expect(new Set(expected.data).size).toBeGreaterThan(1);
  });
});

describe.each(['synapse', 'acdc', 'brats'])('float16 weights of %s', (folder) => {
  it('are constants to the planner: every node is claimed, and computes what ONNX Runtime does', async () => {
    const bytes = weightsOf(folder);
    const { channels, patchDhw } = manifestOf(folder);
    const plan = planGraph(decodeModel(bytes), { claims: 'all' });
    expect(plan.steps.filter((step) => step.kind === 'segment')).toEqual([]);
    const session = await ort.InferenceSession.create(bytes);
    const backend = new Recorded(session, channels.length);
    const voxels = patchDhw[0] * patchDhw[1] * patchDhw[2];
    const patch = Float32Array.from({ length: channels.length * voxels }, (_, i) => Math.sin(i) + Math.sin(i / 77));
    const expected = await backend.run(patch, patchDhw);
    expect(worst(await runPlan(plan, patch), expected)).toBeLessThan(1e-4);
    await backend.dispose();
  });
});
