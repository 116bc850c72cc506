import { afterAll, describe, expect, it } from 'vitest';
import { InternalError } from '../../../../core/errors';
import { expectAllClose, randomNormal } from '../../../../testing/allClose';
import { toChannelsLast } from '../../../../testing/channelsLast';
import { openGpuDevice } from '../../../../testing/gpuDevice';
import { ROUNDING, runOnce, stored, vec4Output } from '../../../../testing/runOnce';
import type { Triple } from '../../../../volume/grid';
import { Recorder } from '../../../gpu/recorder';
import type { Storage } from '../../../gpu/storage';
import { recordApplyNorm, recordNormFinalize } from '../norm/norm';
import { groupNormReference, leakyReluReference } from '../norm/norm.reference';
import { type Conv3dDispatch, recordConv3d } from './conv3d';
import { conv3dReference } from './conv3d.reference';
import { boxCount, planConv3d } from './plan';

const device = await openGpuDevice();
afterAll(() => device.destroy());

// fp32 chains of K = 27 * cin products against float64: rounding grows like sqrt(K) * 6e-8 of the RMS, and the worst of
// some 30 000 elements is 4 to 5 times that. Observed up to 5e-6.
const TOLERANCE = 1.5e-5;

interface Case {
  dims: Triple;
  cin: number;
  cout: number;
  planar?: boolean;
  plan?: Conv3dDispatch['plan'];
  storage?: Storage;
  shareLoads?: boolean;
}

/** x, weight and the reference result, all in the frameworks' order. */
function sample({ dims, cin, cout, storage, planar }: Case, scale = 1) {
  const voxels = dims[0] * dims[1] * dims[2];
  const random = randomNormal(cin * voxels, cin).map((v) => v * scale);
  const x = planar ? random : stored(random, storage);
  const weight = stored(
    randomNormal(cout * cin * 27, cout + 1).map((v) => v / Math.sqrt(27 * cin)),
    storage,
  );
  return { x, weight, voxels, y: conv3dReference(x, dims, weight, cin, cout) };
}

describe('choosing a plan', () => {
  const networkShapes: [Triple, number, number][] = [
    [[64, 128, 128], 16, 16],
    [[32, 32, 32], 32, 32],
    [[16, 16, 16], 64, 64],
    [[8, 8, 8], 128, 128],
    [[4, 4, 4], 256, 256],
    [[16, 40, 40], 32, 32],
    [[2, 5, 5], 256, 256],
    [[4, 6, 6], 256, 256],
  ];
  it.each(networkShapes)(
    '%j %i->%i: fits the portable limits, fills the GPU and wastes under a third',
    (dims, cin, cout) => {
      const plan = planConv3d(dims, cin / 4, cout / 4, 16);
      const [tx, ty, tz] = plan.threadsXyz;
      const threads = tx * ty * tz;
      expect(threads * plan.lanes).toBeLessThanOrEqual(256);
      expect(
        (tx * plan.voxels + 2) * (ty + 2) * (tz + 2) * 16 + threads * plan.lanes * plan.groups * 16,
      ).toBeLessThanOrEqual(16384);
      const boxes = boxCount(dims, plan);
      const workgroups = boxes * plan.splits * Math.ceil(cout / 4 / (plan.lanes * plan.groups));
      expect(workgroups).toBeGreaterThanOrEqual(100);
      expect((dims[0] * dims[1] * dims[2]) / (boxes * threads * plan.voxels)).toBeGreaterThan(2 / 3);
    },
  );
});

/** Four threads of a subgroup load a matrix together. */
const sharing: Case[] = [
  {
    ...{ dims: [7, 5, 9], cin: 12, cout: 20, shareLoads: true },
    plan: { lanes: 1, groups: 3, voxels: 2, splits: 1, weights: 'storage', threadsXyz: [2, 3, 2] },
  },
  {
    ...{ dims: [2, 5, 5], cin: 20, cout: 8, storage: 'fp16', shareLoads: true },
    plan: { lanes: 1, voxels: 2, threadsXyz: [1, 4, 2] },
  },
  // Lanes read different weights, and three threads are no four: each loads its own.
  { dims: [3, 5, 7], cin: 8, cout: 16, plan: { lanes: 2, voxels: 2, splits: 1 }, shareLoads: true },
  { dims: [3, 5, 7], cin: 8, cout: 8, plan: { lanes: 1, voxels: 2, threadsXyz: [1, 3, 1] }, shareLoads: true },
];

describe('3x3x3 convolution on the GPU', { timeout: 300_000 }, () => {
  // Where the plan is not the point, few voxels per thread: compiling for a CPU takes time by the written-out product.
  const cases: Case[] = [
    { dims: [13, 17, 23], cin: 1, cout: 16, planar: true },
    { dims: [5, 9, 7], cin: 4, cout: 8, planar: true, plan: { voxels: 2 } },
    { dims: [7, 13, 17], cin: 16, cout: 16, plan: { splits: 1 } },
    { dims: [5, 9, 7], cin: 12, cout: 20, plan: { voxels: 2 } },
    { dims: [1, 6, 9], cin: 5, cout: 3 },
    { dims: [1, 1, 1], cin: 16, cout: 16 },
    { dims: [6, 11, 13], cin: 32, cout: 32, plan: { splits: 1, voxels: 3 } },
    { dims: [2, 5, 5], cin: 64, cout: 48 },
    { dims: [4, 6, 6], cin: 128, cout: 32, plan: { voxels: 3 } },
    { dims: [5, 9, 7], cin: 2, cout: 8, planar: true, plan: { voxels: 2 }, storage: 'fp16' },
    { dims: [13, 17, 23], cin: 4, cout: 4, plan: { splits: 1, voxels: 2 }, storage: 'fp16' },
    { dims: [1, 6, 9], cin: 5, cout: 3, plan: { splits: 1 }, storage: 'fp16' },
    { dims: [2, 5, 5], cin: 64, cout: 48, storage: 'fp16' },
    ...sharing,
  ];
  it.each(cases)('matches float64 at $dims, $cin->$cout, planar: $planar, plan: $plan, $storage', async (c) => {
    const { x, weight, y } = sample(c);
    const expected = toChannelsLast(y, c.cout);
    const record = (r: Recorder) => {
      const out = vec4Output(r, expected.length);
      const input = c.planar ? r.constant('x', x) : r.table('x', toChannelsLast(x, c.cin));
      recordConv3d(r, {
        label: 'conv',
        x: input,
        planarInput: c.planar,
        dimsDhw: c.dims,
        cin: c.cin,
        cout: c.cout,
        weight,
        out,
        plan: c.plan,
      });
      return [{ tensor: out, length: expected.length }];
    };
    const [actual] = await runOnce(device, record, c.storage, c.shareLoads);
    expectAllClose(actual, expected, TOLERANCE, ROUNDING[c.storage ?? 'fp32']);
  });

  const epilogues: Case[] = [
    { dims: [5, 9, 7], cin: 16, cout: 16, plan: { splits: 1, voxels: 2 } },
    { dims: [3, 5, 6], cin: 64, cout: 12, plan: { splits: 4, voxels: 2 } },
    { dims: [5, 9, 7], cin: 8, cout: 8, plan: { splits: 1, voxels: 2 }, storage: 'fp16' },
    { dims: [3, 5, 6], cin: 16, cout: 12, plan: { splits: 2, voxels: 2 }, storage: 'fp16' },
  ];
  it.each(epilogues)(
    'normalises its input inside the grid only, adds bias and a scaled residual, activates: $plan, $storage',
    async (c) => {
      const { x, weight, voxels } = sample(c, 1000);
      const [bias, residual] = [randomNormal(c.cout, 7), stored(randomNormal(c.cout * voxels, 8), c.storage)];
      const [inputNorm, residualNorm] = [randomNormal(2 * c.cin, 9), randomNormal(2 * c.cout, 10)];
      const normalised = x.map((v, i) => {
        const channel = Math.floor(i / voxels);
        return leakyReluReference(v * inputNorm[channel] + inputNorm[c.cin + channel], 0.01);
      });
      const expected = conv3dReference(normalised, c.dims, weight, c.cin, c.cout).map((v, i) => {
        const channel = Math.floor(i / voxels);
        const added = residual[i] * residualNorm[channel] + residualNorm[c.cout + channel];
        return leakyReluReference(v + bias[channel] + added, 0.2);
      });
      const record = (r: Recorder) => {
        const out = vec4Output(r, voxels * c.cout);
        recordConv3d(r, {
          label: 'conv',
          x: r.table('x', toChannelsLast(x, c.cin)),
          dimsDhw: c.dims,
          cin: c.cin,
          cout: c.cout,
          weight,
          bias,
          inputNorm: { scaleShift: r.constant('norm', inputNorm, true), slope: 0.01 },
          residual: r.table('residual', toChannelsLast(residual, c.cout)),
          residualAffine: r.constant('residual norm', residualNorm, true),
          activation: { slope: 0.2 },
          out,
          plan: c.plan,
        });
        return [{ tensor: out, length: voxels * c.cout }];
      };
      const [actual] = await runOnce(device, record, c.storage);
      expectAllClose(actual, toChannelsLast(expected, c.cout), TOLERANCE, ROUNDING[c.storage ?? 'fp32']);
    },
  );

  const statistics: Case[] = [
    { dims: [6, 9, 17], cin: 16, cout: 16, plan: { splits: 1, voxels: 2 } },
    { dims: [6, 9, 17], cin: 1, cout: 12, planar: true, plan: { voxels: 3, threadsXyz: [3, 5, 1] } },
    { dims: [5, 7, 9], cin: 32, cout: 32, plan: { splits: 2, voxels: 2 } },
    { dims: [6, 9, 17], cin: 4, cout: 12, plan: { splits: 1, voxels: 2 }, storage: 'fp16' },
  ];
  it.each(statistics)('writes statistics that normalise its sums: $cin->$cout, $plan, $storage', async (c) => {
    const isHalf = c.storage === 'fp16';
    const { x, weight, voxels, y } = sample(c, isHalf ? 1000 : 1);
    // fp32: a mean a thousand times the spread, which sums of squares would lose. Halves: sums in the thousands.
    const bias = new Float32Array(c.cout).fill(isHalf ? 0 : 1000);
    const record = (r: Recorder) => {
      const out = r.output('normalised', voxels * c.cout * 4);
      const input = c.planar ? r.constant('x', x) : r.table('x', toChannelsLast(x, c.cin));
      const conv = recordConv3d(r, {
        label: 'conv',
        x: input,
        planarInput: c.planar,
        dimsDhw: c.dims,
        cin: c.cin,
        cout: c.cout,
        weight,
        bias,
        stats: true,
        plan: c.plan,
      });
      if (!conv.stats) throw new Error('no statistics');
      const scaleShift = recordNormFinalize(r, { label: 'norm', partials: conv.stats, epsilon: 1e-5 });
      recordApplyNorm(r, { label: 'apply', x: conv.y, scaleShift, voxels, channels: c.cout, out });
      return [{ tensor: out, length: voxels * c.cout }];
    };
    const [actual] = await runOnce(device, record, c.storage);
    // y itself is stored near 1000 with a spacing of 6e-5: that rounding remains, the statistics must not add to it.
    // As halves it is rounded relative to itself, which the mean (small beside the spread) shifts a little.
    const expected = toChannelsLast(groupNormReference(y, c.cout, c.cout, 1e-5), c.cout);
    expectAllClose(actual, expected, 3e-4, ROUNDING[c.storage ?? 'fp32']);
  });

  it('refuses weights of another shape', () => {
    const r = new Recorder();
    const x = r.input('x', 64);
    const op: Conv3dDispatch = { label: 'conv', x, dimsDhw: [1, 1, 1], cin: 4, cout: 4, weight: new Float32Array(27) };
    expect(() => recordConv3d(r, op)).toThrow(InternalError);
  });
});
