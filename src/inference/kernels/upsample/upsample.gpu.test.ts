import { afterAll, describe, expect, it } from 'vitest';
import { InternalError } from '../../../errors';
import { expectAllClose, randomNormal } from '../../../testing/allClose';
import { toChannelsLast } from '../../../testing/channelsLast';
import { openGpuDevice } from '../../../testing/gpuDevice';
import { runOnce } from '../../../testing/runOnce';
import type { Triple } from '../../../volume/volume';
import { Recorder } from '../../gpu/program';
import { leakyReluReference } from '../norm/norm.reference';
import { recordUpsample } from './upsample';
import { upsampleReference } from './upsample.reference';

const device = await openGpuDevice();
afterAll(() => device?.destroy());

// fp32 sums of at most 64 products.
const TOLERANCE = 4e-6;

describe.skipIf(!device)('transposed convolution with kernel = stride on the GPU', { timeout: 300_000 }, () => {
  const cases: { dims: Triple; kernel: Triple; cin: number; cout: number }[] = [
    { dims: [3, 5, 7], kernel: [2, 2, 2], cin: 64, cout: 32 },
    { dims: [5, 3, 9], kernel: [2, 4, 4], cin: 32, cout: 16 },
    { dims: [1, 1, 1], kernel: [1, 4, 4], cin: 5, cout: 3 },
    { dims: [2, 3, 1], kernel: [4, 4, 4], cin: 8, cout: 20 },
  ];
  it.each(cases)('matches float64 at $dims by $kernel, $cin->$cout', async ({ dims, kernel, cin, cout }) => {
    const [voxels, taps] = [dims[0] * dims[1] * dims[2], kernel[0] * kernel[1] * kernel[2]];
    const [x, weight] = [randomNormal(cin * voxels, 1), randomNormal(cin * cout * taps, 2)];
    const expected = toChannelsLast(upsampleReference(x, dims, kernel, weight, cin, cout), cout);
    const [actual] = await runOnce(device as GPUDevice, (r) => {
      const out = r.output('y', expected.byteLength);
      recordUpsample(r, {
        label: 'up',
        x: r.constant('x', toChannelsLast(x, cin)),
        dimsDhw: dims,
        kernel,
        cin,
        cout,
        weight,
        out,
      });
      return [{ tensor: out, length: expected.length }];
    });
    expectAllClose(actual, expected, TOLERANCE);
  });

  it('adds a skip that is normalised, joined by one scaled plane and activated while it is read', async () => {
    const [dims, kernel, cin, cout]: [Triple, Triple, number, number] = [[2, 3, 5], [2, 4, 4], 8, 8];
    const voxels = 30 * 32;
    const [x, weight, bias] = [randomNormal(cin * 30, 1), randomNormal(cin * cout * 32, 2), randomNormal(cout, 3)];
    const [skip, plane] = [randomNormal(cout * voxels, 4), randomNormal(voxels, 5)];
    const [norm, planeNorm] = [randomNormal(2 * cout, 6), randomNormal(2 * cout, 7)];
    const y = upsampleReference(x, dims, kernel, weight, cin, cout).map((v, i) => {
      const c = Math.floor(i / voxels);
      const joined = skip[i] * norm[c] + norm[cout + c] + plane[i % voxels] * planeNorm[c] + planeNorm[cout + c];
      return v + bias[c] + leakyReluReference(joined, 0.01);
    });
    const [actual] = await runOnce(device as GPUDevice, (r) => {
      const out = r.output('y', y.length * 4);
      recordUpsample(r, {
        ...{ label: 'up', dimsDhw: dims, kernel, cin, cout, weight, bias, out },
        x: r.constant('x', toChannelsLast(x, cin)),
        skip: {
          x: r.constant('skip', toChannelsLast(skip, cout)),
          scaleShift: r.constant('norm', norm, true),
          residual: r.constant('plane', plane),
          residualPlane: true,
          residualScaleShift: r.constant('plane norm', planeNorm, true),
          slope: 0.01,
        },
      });
      return [{ tensor: out, length: y.length }];
    });
    expectAllClose(actual, toChannelsLast(y, cout), TOLERANCE);
  });

  it('refuses weights of another shape', () => {
    const r = new Recorder();
    const op = {
      label: 'up',
      x: r.input('x', 64),
      kernel: [2, 2, 2] as const,
      cin: 4,
      cout: 4,
      weight: new Float32Array(127),
    };
    expect(() => recordUpsample(r, { ...op, dimsDhw: [1, 1, 1] })).toThrow(InternalError);
  });
});
