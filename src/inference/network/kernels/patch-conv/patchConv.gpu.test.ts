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
import { groupNormReference } from '../norm/norm.reference';
import { recordPatchConv } from './patchConv';
import { patchConvReference } from './patchConv.reference';

const device = await openGpuDevice();
afterAll(() => device.destroy());

interface Case {
  dims: Triple;
  kernel: Triple;
  cin: number;
  cout: number;
  planar?: boolean;
  storage?: Storage;
}

describe('convolution with kernel = stride on the GPU', { timeout: 300_000 }, () => {
  const cases: Case[] = [
    { dims: [6, 20, 28], kernel: [2, 4, 4], cin: 1, cout: 32, planar: true },
    { dims: [8, 4, 12], kernel: [4, 4, 4], cin: 4, cout: 8, planar: true },
    { dims: [10, 6, 14], kernel: [2, 2, 2], cin: 1, cout: 16, planar: true },
    { dims: [3, 15, 9], kernel: [1, 3, 3], cin: 2, cout: 5, planar: true },
    { dims: [2, 26, 10], kernel: [2, 2, 2], cin: 32, cout: 64 },
    { dims: [2, 2, 2], kernel: [2, 2, 2], cin: 6, cout: 20 },
    { dims: [4, 8, 12], kernel: [2, 4, 4], cin: 1, cout: 12, planar: true, storage: 'fp16' },
    { dims: [3, 15, 9], kernel: [1, 3, 3], cin: 2, cout: 5, planar: true, storage: 'fp16' },
    // Its weights do not fit a uniform binding: a table of halves.
    { dims: [2, 6, 10], kernel: [2, 2, 2], cin: 44, cout: 52, storage: 'fp16' },
  ];
  it.each(cases)('matches float64 at $dims by $kernel, $cin->$cout, planar: $planar, $storage', async (c) => {
    const { dims, kernel, cin, cout, planar, storage = 'fp32' } = c;
    const [size, taps] = [dims[0] * dims[1] * dims[2], kernel[0] * kernel[1] * kernel[2]];
    const [x, weight] = [randomNormal(cin * size, 1), randomNormal(cout * cin * taps, 2)].map((v) =>
      stored(v, storage),
    );
    const expected = toChannelsLast(patchConvReference(x, dims, kernel, weight, cin, cout), cout);
    const record = (r: Recorder) => {
      const out = vec4Output(r, expected.length);
      const input = planar ? r.constant('x', x) : r.table('x', toChannelsLast(x, cin));
      const op = { dimsDhw: dims, kernel, cin, cout, weight, out };
      recordPatchConv(r, { label: 'down', x: input, planarInput: planar, ...op });
      return [{ tensor: out, length: expected.length }];
    };
    const [actual] = await runOnce(device, record, storage);
    // fp32 sums of up to 352 products.
    expectAllClose(actual, expected, 5e-6, ROUNDING[storage]);
  });

  it('writes statistics for a group norm with weight and bias', async () => {
    const [dims, kernel, cin, cout, groups]: [Triple, Triple, number, number, number] = [
      [6, 12, 20],
      [2, 2, 2],
      4,
      12,
      4,
    ];
    const [x, weight] = [randomNormal(cin * 6 * 12 * 20, 1), randomNormal(cout * cin * 8, 2)];
    const [scale, shift] = [randomNormal(cout, 3), randomNormal(cout, 4)];
    const y = patchConvReference(x, dims, kernel, weight, cin, cout);
    const expected = toChannelsLast(groupNormReference(y, cout, groups, 1e-5, scale, shift), cout);
    const [actual] = await runOnce(device, (r) => {
      const out = r.output('normalised', expected.byteLength);
      const input = r.constant('x', toChannelsLast(x, cin));
      const { y, stats } = recordPatchConv(r, {
        label: 'down',
        x: input,
        dimsDhw: dims,
        kernel,
        cin,
        cout,
        weight,
        stats: true,
      });
      if (!stats) throw new Error('no statistics');
      const norm = { label: 'norm', partials: stats, groups, epsilon: 1e-5, weight: scale, bias: shift };
      const scaleShift = recordNormFinalize(r, norm);
      recordApplyNorm(r, { label: 'apply', x: y, scaleShift, voxels: 180, channels: cout, out });
      return [{ tensor: out, length: expected.length }];
    });
    expectAllClose(actual, expected, 5e-6);
  });

  it('refuses a grid that the kernel does not divide', () => {
    const r = new Recorder();
    const grids = { dimsDhw: [2, 3, 2], kernel: [2, 2, 2] } as const;
    const op = { label: 'down', x: r.input('x', 64), cin: 1, cout: 4, weight: new Float32Array(32) };
    expect(() => recordPatchConv(r, { ...op, ...grids })).toThrow(InternalError);
  });
});
