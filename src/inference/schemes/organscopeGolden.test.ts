import { describe, expect, it } from 'vitest';
import { message } from '../../core/messages';
import { allAtOnce } from '../../core/steps';
import { pipelineSchema } from '../../models/pipelines';
import { worst } from '../../testing/allClose';
import { type NpyArray, readNpy } from '../../testing/npy';
import { spacingFromAffine } from '../../volume/affine';
import type { Affine, Triple } from '../../volume/grid';
import type { Volume } from '../../volume/volume';
import { segmentVolume } from '../job/segmentVolume';
import type { Backend } from '../network/ort/backend';
import type { WindowJob } from '../windows/contract';
import { CpuWindows } from '../windows/cpu/cpuWindows';
import cases from './fixtures/organscope/cases.json';
import { normalised } from './normalize';
import { prepare } from './prepare';
import type { PipelineManifest } from './prepared';

// Made by scripts/export-onnx/tests/make_organscope_golden.py, which has the network and says what the cases are for.
const fixture = (name: string, stage: string): NpyArray =>
  readNpy(new URL(`./fixtures/organscope/${name}.${stage}.npy`, import.meta.url));

const MEANS = [0.05, 0.45, 0.85];
const PATCH: Triple = [8, 8, 8];

/** Logits -40 (m - c)^2, m the mean of 3x3x3 voxels, and 1 more for structure 1 in the first half along W; records them. */
function network(): Backend & { readonly logits: Float32Array[] } {
  const logits: Float32Array[] = [];
  return {
    info: { provider: 'wasm', adapter: message('adapter', { name: 'fake' }), reason: message('wasm-chosen') },
    warm: true,
    logits,
    async run(patch, [depth, height, width]) {
      const voxels = depth * height * width;
      const out = new Float32Array(MEANS.length * voxels);
      const at = (z: number, y: number, x: number) =>
        z < 0 || z >= depth || y < 0 || y >= height || x < 0 || x >= width ? 0 : patch[(z * height + y) * width + x];
      for (let voxel = 0; voxel < voxels; voxel++) {
        const [z, y, x] = [Math.floor(voxel / (height * width)), Math.floor(voxel / width) % height, voxel % width];
        let sum = 0;
        for (let tap = 0; tap < 27; tap++)
          sum += at(z + Math.floor(tap / 9) - 1, y + (Math.floor(tap / 3) % 3) - 1, x + (tap % 3) - 1);
        for (const [k, mean] of MEANS.entries())
          out[k * voxels + voxel] = -40 * (sum / 27 - mean) ** 2 + (k === 1 && x < width / 2 ? 1 : 0);
      }
      logits.push(out);
      return out;
    },
    async dispose() {},
  };
}

function scanOf({ name, affine }: (typeof cases)[number]): Volume {
  const { data, shape } = fixture(name, 'scan');
  const [nz, ny, nx] = shape;
  const grid = { affine: affine as unknown as Affine, spacingXyz: spacingFromAffine(affine as unknown as Affine) };
  return { ...grid, dimsXyz: [nx, ny, nz], data, name, warnings: [] };
}

const manifestOf = ({ pipeline, leastMl }: (typeof cases)[number]): PipelineManifest => ({
  labels: leastMl.map((ml, id) => ({ id, name: `${id}`, color: [0, 0, 0], ...(ml > 0 && { leastMl: ml }) })),
  channels: [{ name: 'any', hints: [] }],
  patchDhw: [...PATCH],
  output: { activation: 'softmax' },
  pipeline: pipelineSchema.parse(pipeline),
});

/** Runs a job with the made-up network: its logits, averages without padding (K, D, H, W), and labels on its output grid. */
async function runJob(job: WindowJob) {
  const backend = network();
  const [depth, height, width] = job.dimsDhw;
  const averages = new Float32Array(job.classes * depth * height * width);
  const labels: number[] = [];
  await new CpuWindows(backend).run(job, {
    onWindow: async () => undefined,
    onSlab: (_, slab) => labels.push(...slab),
    onAverages(plane, values) {
      const z = plane - job.belowDhw[0];
      if (z < 0 || z >= depth) return;
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          for (let c = 0; c < job.classes; c++)
            averages[((c * depth + z) * height + y) * width + x] =
              values[((y + job.belowDhw[1]) * job.paddedDhw[2] + x + job.belowDhw[2]) * job.classes + c];
    },
  });
  return { logits: backend.logits, averages, labels };
}

describe.each(cases)('$name, as unetrpp does it', (spec) => {
  const { name, boxDhw } = spec;

  it('prepares, looks, tiles and averages, stage by stage', async () => {
    let resampled: { values: Float32Array<ArrayBuffer>; dims: Triple } | null = null;
    const prepared = allAtOnce(
      prepare([scanOf(spec)], manifestOf(spec), {
        onStage: (_, [values], dims) => {
          resampled = { values: values as Float32Array<ArrayBuffer>, dims };
        },
      }),
    );
    const { values, dims } = resampled as unknown as { values: Float32Array<ArrayBuffer>; dims: Triple };
    const expected = fixture(name, 'resampled');
    expect(dims).toEqual(expected.shape.slice(1));
    expect(worst(values, expected.data)).toBeLessThanOrEqual(2e-7);
    const inRange = normalised(values, prepared.job.intensities[0]);
    expect(worst(inRange, fixture(name, 'normalised').data)).toBeLessThanOrEqual(5e-7);

    let { job } = prepared;
    const { firstLook } = prepared;
    expect(firstLook !== undefined).toBe('firstLook' in spec.pipeline);
    if (firstLook) {
      const look = await runJob(firstLook.job);
      expect(look.labels).toEqual([...fixture(name, 'look').data]);
      job = allAtOnce(firstLook.within(Uint8Array.from(look.labels))).job;
    }
    expect(job.dimsDhw).toEqual(boxDhw.map(([start, end]) => end - start));
    const [depth, height, width] = job.dimsDhw;
    const [z0, y0, x0] = boxDhw.map(([start]) => start);
    const inBox = Array.from({ length: depth * height * width }, (_, i) => {
      const [z, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
      return values[((z + z0) * dims[1] + y + y0) * dims[2] + x + x0];
    });
    expect([...job.values]).toEqual(inBox);

    const run = await runJob(job);
    expect(worst(run.logits[0], fixture(name, 'first-window').data)).toBeLessThanOrEqual(2e-6);
    expect(worst(run.logits.at(-1) ?? [], fixture(name, 'last-window').data)).toBeLessThanOrEqual(2e-6);
    expect(worst(run.averages, fixture(name, 'blended').data)).toBeLessThanOrEqual(5e-6);
  });

  it('makes the same labels on the scan’s grid, with islands and without', async () => {
    const manifest = manifestOf(spec);
    const masks = await Promise.all(
      [manifest.labels.map(({ leastMl, ...label }) => label), manifest.labels].map((labels) =>
        segmentVolume([scanOf(spec)], { ...manifest, labels }, async () => new CpuWindows(network())),
      ),
    );
    const [before, after] = masks.map(({ labels }) => [...labels.data]);
    expect(before).toEqual([...fixture(name, 'labels').data]);
    expect(after).toEqual([...fixture(name, 'mask').data]);
  });
});
