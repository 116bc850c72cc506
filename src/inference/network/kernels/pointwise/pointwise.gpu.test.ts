import { afterAll, describe, expect, it } from 'vitest';
import { InternalError } from '../../../../core/errors';
import { expectAllClose, randomNormal } from '../../../../testing/allClose';
import { toChannelsLast } from '../../../../testing/channelsLast';
import { openGpuDevice } from '../../../../testing/gpuDevice';
import { ROUNDING, runOnce, stored, vec4Output } from '../../../../testing/runOnce';
import { Recorder } from '../../../gpu/recorder';
import type { Storage } from '../../../gpu/storage';
import { recordApplyNorm, recordNormFinalize } from '../norm/norm';
import { groupNormReference, leakyReluReference } from '../norm/norm.reference';
import { recordPointwise } from './pointwise';
import { pointwiseReference } from './pointwise.reference';
import { planVoxelProduct } from './voxelProduct';

const device = await openGpuDevice();
afterAll(() => device.destroy());

// fp32 sums of at most 256 products: a few 1e-6 of the RMS for the worst of ten thousand elements.
const TOLERANCE = 5e-6;

describe('choosing a plan', () => {
  it('takes large tiles where they leave enough workgroups, and never pads 5 groups to 8', () => {
    expect(planVoxelProduct(64 * 128 * 128, 1, 14)).toEqual({ voxels: 4, groups: 4 });
    expect(planVoxelProduct(16 ** 3, 1, 64)).toEqual({ voxels: 2, groups: 4 });
    expect(planVoxelProduct(4 ** 3, 1, 256)).toEqual({ voxels: 1, groups: 1 });
    expect(planVoxelProduct(64 ** 3, 1, 20)).toEqual({ voxels: 4, groups: 3 });
  });
});

describe('1x1x1 convolution on the GPU', { timeout: 300_000 }, () => {
  const cases: { cin: number; cout: number; voxels: number; storage?: Storage; shareLoads?: boolean }[] = [
    { cin: 16, cout: 14, voxels: 13 * 17 * 23 },
    { cin: 1, cout: 17, voxels: 5 * 9 * 7 },
    { cin: 20, cout: 2, voxels: 67 },
    { cin: 256, cout: 32, voxels: 1 },
    { cin: 20, cout: 6, voxels: 5 * 9 * 7, storage: 'fp16' },
    // Its weights do not fit a uniform binding: a table of halves.
    { cin: 132, cout: 128, voxels: 3, storage: 'fp16' },
    { cin: 20, cout: 14, voxels: 5 * 9 * 7, shareLoads: true },
  ];
  it.each(cases)('matches float64 for $cin->$cout at $voxels voxels, $storage', async (c) => {
    const { cin, cout, voxels, storage = 'fp32', shareLoads } = c;
    const [x, weight] = [randomNormal(cin * voxels, 1), randomNormal(cout * cin, 2)].map((v) => stored(v, storage));
    const bias = randomNormal(cout, 3);
    const y = pointwiseReference(x, weight, cin, cout).map((v, i) => v + bias[Math.floor(i / voxels)]);
    const expected = toChannelsLast(y, cout);
    const record = (r: Recorder) => {
      const out = vec4Output(r, expected.length);
      recordPointwise(r, {
        label: 'p',
        x: r.table('x', toChannelsLast(x, cin)),
        voxels,
        cin,
        cout,
        weight,
        bias,
        out,
      });
      return [{ tensor: out, length: expected.length }];
    };
    const [actual] = await runOnce(device, record, storage, shareLoads);
    expectAllClose(actual, expected, TOLERANCE, ROUNDING[storage]);
  });

  it('normalises, adds a normalised residual and activates while reading, and stores planes', async () => {
    const [cin, cout, voxels] = [8, 3, 211];
    const [x, residual] = [randomNormal(cin * voxels, 1).map((v) => 1000 * v), randomNormal(cin * voxels, 2)];
    const [norm, residualNorm] = [randomNormal(2 * cin, 3), randomNormal(2 * cin, 4)];
    const [weight, bias, added] = [randomNormal(cout * cin, 5), randomNormal(cout, 6), randomNormal(cout * voxels, 7)];
    const read = x.map((v, i) => {
      const c = Math.floor(i / voxels);
      return leakyReluReference(
        v * norm[c] + norm[cin + c] + residual[i] * residualNorm[c] + residualNorm[cin + c],
        0.01,
      );
    });
    const expected = pointwiseReference(read, weight, cin, cout).map((v, i) =>
      leakyReluReference(v + bias[Math.floor(i / voxels)] + added[i], 0.1),
    );
    const [actual] = await runOnce(device, (r) => {
      const out = r.output('y', expected.length * 4);
      recordPointwise(r, {
        label: 'head',
        x: {
          x: r.constant('x', toChannelsLast(x, cin)),
          scaleShift: r.constant('norm', norm, true),
          residual: r.constant('residual', toChannelsLast(residual, cin)),
          residualScaleShift: r.constant('residual norm', residualNorm, true),
          slope: 0.01,
        },
        ...{ voxels, cin, cout, weight, bias, out, planarOutput: true, activation: { slope: 0.1 } },
        residual: r.constant('added', toChannelsLast(added, cout)),
      });
      return [{ tensor: out, length: expected.length }];
    });
    expectAllClose(actual, expected, TOLERANCE);
  });

  it('reads planar channels and writes statistics', async () => {
    const [cin, cout, voxels] = [5, 6, 1300];
    const [x, weight] = [randomNormal(cin * voxels, 1), randomNormal(cout * cin, 2)];
    const bias = new Float32Array(cout).fill(500);
    const y = groupNormReference(pointwiseReference(x, weight, cin, cout), cout, cout, 1e-5);
    const expected = toChannelsLast(y, cout);
    const [actual] = await runOnce(device, (r) => {
      const out = r.output('normalised', expected.byteLength);
      const operand = { x: r.constant('x', x), planarChannels: cin };
      const { y, stats } = recordPointwise(r, { label: 'p', x: operand, voxels, cin, cout, weight, bias, stats: true });
      if (!stats) throw new Error('no statistics');
      const scaleShift = recordNormFinalize(r, { label: 'norm', partials: stats, epsilon: 1e-5 });
      recordApplyNorm(r, { label: 'apply', x: y, scaleShift, voxels, channels: cout, out });
      return [{ tensor: out, length: expected.length }];
    });
    // Values near 500 are stored in steps of 3e-5 of their spread.
    expectAllClose(actual, expected, 1e-4);
  });

  it('refuses weights of another shape', () => {
    const r = new Recorder();
    const op = { label: 'p', x: r.input('x', 64), voxels: 4, cin: 4, cout: 4, weight: new Float32Array(15) };
    expect(() => recordPointwise(r, op)).toThrow(InternalError);
  });
});
