import { describe, expect, it } from 'vitest';
import { message } from '../../core/messages';
import { allAtOnce } from '../../core/steps';
import { type Pipeline, pipelineSchema } from '../../models/pipelines';
import { worst } from '../../testing/allClose';
import { type NpyArray, readNpy } from '../../testing/npy';
import { spacingFromAffine } from '../../volume/affine';
import { nativeBox } from '../../volume/axisOrder';
import type { Affine, Triple } from '../../volume/grid';
import { writeBox } from '../../volume/labelBox';
import type { Volume } from '../../volume/volume';
import type { Backend } from '../network/ort/backend';
import { CpuWindows } from '../windows/cpu/cpuWindows';
import cases from './fixtures/cases.json';
import { prepare } from './prepare';
import type { PipelineManifest, Stage } from './prepared';

// Made by scripts/export-onnx/tests/make_scheme_golden.py with the published packages: nnunet 1.7, nnunetv2 2.8, monai 1.6.
const fixture = (name: string, stage: string): NpyArray =>
  readNpy(new URL(`./fixtures/${name}.${stage}.npy`, import.meta.url));

/** The network of make_scheme_golden.py: one zero-padded 3x3x3 convolution, weight i of (K, C, 3, 3, 3) = sin(1.3 i + 0.5). */
function convolution(channels: number, outputs: number): Backend {
  const weights = Float32Array.from({ length: outputs * channels * 27 }, (_, i) => Math.sin(1.3 * i + 0.5));
  return {
    info: { provider: 'wasm', adapter: message('adapter', { name: 'fake' }), reason: message('wasm-chosen') },
    warm: true,
    async run(patch, [depth, height, width]) {
      const voxels = depth * height * width;
      const logits = new Float32Array(outputs * voxels);
      for (let k = 0, out = 0; k < outputs; k++)
        for (let z = 0; z < depth; z++)
          for (let y = 0; y < height; y++)
            for (let x = 0; x < width; x++, out++) {
              let sum = Math.fround(Math.sin(k));
              for (let c = 0; c < channels; c++)
                for (let tap = 0; tap < 27; tap++) {
                  const [dz, dy, dx] = [Math.floor(tap / 9) - 1, (Math.floor(tap / 3) % 3) - 1, (tap % 3) - 1];
                  if (z + dz < 0 || z + dz >= depth || y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width)
                    continue;
                  const at = c * voxels + ((z + dz) * height + y + dy) * width + x + dx;
                  sum += weights[(k * channels + c) * 27 + tap] * patch[at];
                }
              logits[out] = sum;
            }
      return logits;
    },
    async dispose() {},
  };
}

function scansOf(name: string, affine: Affine): Volume[] {
  const { data, shape } = fixture(name, 'scan');
  const [channels, nz, ny, nx] = shape;
  const voxels = nz * ny * nx;
  return Array.from({ length: channels }, (_, c) => ({
    dimsXyz: [nx, ny, nz],
    spacingXyz: spacingFromAffine(affine),
    affine,
    data: data.slice(c * voxels, (c + 1) * voxels),
    name: `channel ${c}`,
    warnings: [],
  }));
}

function manifestOf({ name, patchDhw, regions, pipeline }: (typeof cases)[number]): PipelineManifest {
  const channels = fixture(name, 'scan').shape[0];
  const color = [0, 0, 0] as [number, number, number];
  return {
    labels: Array.from({ length: regions ? regions.length + 1 : 3 }, (_, id) => ({ id, name: `${id}`, color })),
    channels: Array.from({ length: channels }, (_, c) => ({ name: `channel ${c}`, hints: [] })),
    patchDhw: patchDhw as [number, number, number],
    output: regions ? { activation: 'sigmoid', regionOrder: regions } : { activation: 'softmax' },
    pipeline: pipelineSchema.parse(pipeline),
  };
}

const joined = (channels: readonly ArrayLike<number>[]) => channels.flatMap((channel) => Array.from(channel));
/** Which stages were saved, besides the last one before the windows. */
const EARLIER: Record<Pipeline['scheme'], readonly Stage[]> = {
  'nnunet-v1': ['cropped', 'resampled'],
  'nnunet-v2': [],
  monai: ['resampled'],
  'organscope-v1': [],
};

describe.each(cases)('$name, as the published package does it', (spec) => {
  const affine = spec.affine as unknown as Affine;
  const manifest = manifestOf(spec);
  const { scheme } = manifest.pipeline;
  const last = scheme === 'nnunet-v2' ? 'resampled' : 'normalised';

  it('prepares the scan, stage by stage', () => {
    const stages = new Map<string, { values: number[]; dims: Triple }>();
    const { job } = allAtOnce(
      prepare(scansOf(spec.name, affine), manifest, {
        onStage: (stage, channels, dims) => stages.set(stage, { values: joined(channels), dims }),
      }),
    );
    for (const stage of EARLIER[scheme]) {
      const expected = fixture(spec.name, stage);
      expect([stage, stages.get(stage)?.dims]).toEqual([stage, expected.shape.slice(1)]);
      // cropped: voxels are moved; resampled: float32 between the axes
      expect(worst(stages.get(stage)?.values ?? [], expected.data)).toBeLessThanOrEqual(stage === 'cropped' ? 0 : 5e-7);
    }
    const expected = fixture(spec.name, last);
    expect(job.dimsDhw).toEqual(expected.shape.slice(1));
    // numpy takes means and deviations in float32
    expect(worst(job.values, expected.data)).toBeLessThanOrEqual(3e-6);
  });

  it('averages the windows and decides on the scan’s grid', async () => {
    const scans = scansOf(spec.name, affine);
    const { job, output } = allAtOnce(prepare(scans, manifest));
    const blended = fixture(spec.name, 'blended');
    const [classes, depth, height, width] = blended.shape;
    const averages = new Float32Array(blended.data.length);
    const labels = { dimsXyz: scans[0].dimsXyz, data: new Uint8Array(scans[0].data.length) };
    await new CpuWindows(convolution(job.channels, classes)).run(job, {
      onWindow: async () => undefined,
      onSlab: (firstPlane, slab) => writeBox(labels, nativeBox(output, firstPlane, slab)),
      onAverages(plane, values) {
        const z = plane - job.belowDhw[0];
        if (z < 0 || z >= depth) return;
        for (let y = 0; y < height; y++)
          for (let x = 0; x < width; x++)
            for (let c = 0; c < classes; c++)
              averages[((c * depth + z) * height + y) * width + x] =
                values[((y + job.belowDhw[1]) * job.paddedDhw[2] + x + job.belowDhw[2]) * classes + c];
      },
    });
    // float32; v1-ct2 has a channel that is not normalised, so logits of thousands, whose last digit softmax shows
    expect(worst(averages, blended.data)).toBeLessThanOrEqual(3e-5);
    const expected = fixture(spec.name, 'labels');
    expect(labels.dimsXyz).toEqual(expected.shape.toReversed());
    const different = labels.data.filter((label, i) => label !== expected.data[i]).length;
    expect(different).toBe(0);
  });
});
