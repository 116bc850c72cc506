import { afterAll, describe, expect, it } from 'vitest';
import { InternalError } from '../../../../core/errors';
import { expectAllClose, randomNormal } from '../../../../testing/allClose';
import { toChannelsLast } from '../../../../testing/channelsLast';
import { openGpuDevice } from '../../../../testing/gpuDevice';
import { ROUNDING, runOnce, stored, vec4Output } from '../../../../testing/runOnce';
import type { Triple } from '../../../../volume/grid';
import { Recorder } from '../../../gpu/recorder';
import type { Storage } from '../../../gpu/storage';
import { leakyReluReference } from '../norm/norm.reference';
import { recordUpsample } from './upsample';
import { upsampleReference } from './upsample.reference';

const device = await openGpuDevice();
afterAll(() => device.destroy());

// fp32 sums of at most 64 products.
const TOLERANCE = 4e-6;

describe('transposed convolution with kernel = stride on the GPU', { timeout: 300_000 }, () => {
  const cases: { dims: Triple; kernel: Triple; cin: number; cout: number; storage?: Storage }[] = [
    { dims: [3, 5, 7], kernel: [2, 2, 2], cin: 64, cout: 32 },
    { dims: [5, 3, 9], kernel: [2, 4, 4], cin: 32, cout: 16 },
    { dims: [1, 1, 1], kernel: [1, 4, 4], cin: 5, cout: 3 },
    { dims: [2, 3, 1], kernel: [4, 4, 4], cin: 8, cout: 20 },
    { dims: [3, 5, 7], kernel: [2, 2, 2], cin: 8, cout: 12, storage: 'fp16' },
    // Its weights do not fit a uniform binding: a table of halves.
    { dims: [1, 3, 2], kernel: [2, 4, 4], cin: 24, cout: 24, storage: 'fp16' },
  ];
  it.each(cases)('matches float64 at $dims by $kernel, $cin->$cout, $storage', async (c) => {
    const { dims, kernel, cin, cout, storage = 'fp32' } = c;
    const [voxels, taps] = [dims[0] * dims[1] * dims[2], kernel[0] * kernel[1] * kernel[2]];
    const x = stored(randomNormal(cin * voxels, 1), storage);
    const weight = stored(randomNormal(cin * cout * taps, 2), storage);
    const expected = toChannelsLast(upsampleReference(x, dims, kernel, weight, cin, cout), cout);
    const record = (r: Recorder) => {
      const out = vec4Output(r, expected.length);
      const input = r.table('x', toChannelsLast(x, cin));
      recordUpsample(r, { label: 'up', x: input, dimsDhw: dims, kernel, cin, cout, weight, out });
      return [{ tensor: out, length: expected.length }];
    };
    const [actual] = await runOnce(device, record, storage);
    expectAllClose(actual, expected, TOLERANCE, ROUNDING[storage]);
  });

  const storages: Storage[] = ['fp32', 'fp16'];
  it.each(storages)(
    'adds a skip that is normalised, joined by one scaled plane and activated while read, %s',
    async (storage) => {
      const [dims, kernel, cin, cout]: [Triple, Triple, number, number] = [[2, 3, 5], [2, 4, 4], 8, 8];
      const voxels = 30 * 32;
      const x = stored(randomNormal(cin * 30, 1), storage);
      const [weight, bias] = [randomNormal(cin * cout * 32, 2), randomNormal(cout, 3)];
      const [skip, plane] = [stored(randomNormal(cout * voxels, 4), storage), randomNormal(voxels, 5)];
      const [norm, planeNorm] = [randomNormal(2 * cout, 6), randomNormal(2 * cout, 7)];
      const y = upsampleReference(x, dims, kernel, weight, cin, cout).map((v, i) => {
        const c = Math.floor(i / voxels);
        const joined = skip[i] * norm[c] + norm[cout + c] + plane[i % voxels] * planeNorm[c] + planeNorm[cout + c];
        return v + bias[c] + leakyReluReference(joined, 0.01);
      });
      const record = (r: Recorder) => {
        const out = vec4Output(r, y.length);
        recordUpsample(r, {
          ...{ label: 'up', dimsDhw: dims, kernel, cin, cout, weight, bias, out },
          x: r.table('x', toChannelsLast(x, cin)),
          skip: {
            x: r.table('skip', toChannelsLast(skip, cout)),
            scaleShift: r.constant('norm', norm, true),
            residual: r.constant('plane', plane),
            residualPlane: true,
            residualScaleShift: r.constant('plane norm', planeNorm, true),
            slope: 0.01,
          },
        });
        return [{ tensor: out, length: y.length }];
      };
      const [actual] = await runOnce(device, record, storage);
      expectAllClose(actual, toChannelsLast(y, cout), TOLERANCE, ROUNDING[storage]);
    },
  );

  it('refuses weights of another shape', () => {
    const r = new Recorder();
    const op = { label: 'up', x: r.input('x', 64), cin: 4, cout: 4, weight: new Float32Array(127) };
    expect(() => recordUpsample(r, { ...op, dimsDhw: [1, 1, 1], kernel: [2, 2, 2] })).toThrow(InternalError);
  });
});
