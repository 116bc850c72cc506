import { afterAll, describe, expect, it } from 'vitest';
import { InternalError } from '../../../../core/errors';
import { expectAllClose, randomNormal } from '../../../../testing/allClose';
import { toChannelsLast } from '../../../../testing/channelsLast';
import { openGpuDevice } from '../../../../testing/gpuDevice';
import { ROUNDING, runOnce, stored, vec4Output } from '../../../../testing/runOnce';
import { Recorder } from '../../../gpu/recorder';
import { pointwiseReference } from '../pointwise/pointwise.reference';
import { recordApplyNorm, recordNormFinalize, recordStats } from './norm';
import { groupNormReference, leakyReluReference } from './norm.reference';

const device = await openGpuDevice();
afterAll(() => device.destroy());

describe('norms on the GPU', { timeout: 300_000 }, () => {
  const cases = [
    { channels: 16, groups: 16, voxels: 13 * 17 * 23 },
    { channels: 20, groups: 4, voxels: 5 * 9 * 7 },
    { channels: 32, groups: 1, voxels: 1500 },
    { channels: 3, groups: 3, voxels: 67 },
    { channels: 6, groups: 2, voxels: 1 },
  ];
  it.each(cases)(
    'match float64 for $channels channels in $groups groups of $voxels voxels, far from zero',
    async (c) => {
      const { channels, groups, voxels } = c;
      const x = randomNormal(channels * voxels, 1).map((v, i) => (v + 100) * (1 + Math.floor(i / voxels)));
      const [weight, bias] = [randomNormal(channels, 2), randomNormal(channels, 3)];
      const expected = toChannelsLast(groupNormReference(x, channels, groups, 1e-5, weight, bias), channels);
      const [actual] = await runOnce(device, (r) => {
        const input = r.constant('x', toChannelsLast(x, channels));
        const partials = recordStats(r, { label: 'x', x: input, voxels, channels });
        const scaleShift = recordNormFinalize(r, { label: 'norm', partials, groups, epsilon: 1e-5, weight, bias });
        const out = r.output('y', expected.byteLength);
        recordApplyNorm(r, { label: 'apply', x: input, scaleShift, voxels, channels, out });
        return [{ tensor: out, length: expected.length }];
      });
      // scale and shift cancel a mean of 100 spreads: 100 * 6e-8, a few times over.
      expectAllClose(actual, expected, 5e-5);
    },
  );

  it('read and write halves, with statistics of what is stored in them', async () => {
    const [channels, voxels] = [6, 1300];
    const x = stored(
      randomNormal(channels * voxels, 1).map((v) => 1000 * v + 500),
      'fp16',
    );
    const [weight, bias] = [randomNormal(channels, 2), randomNormal(channels, 3)];
    const normalised = groupNormReference(x, channels, 2, 1e-5, weight, bias);
    const residual = stored(randomNormal(channels * voxels, 4), 'fp16');
    const expected = toChannelsLast(
      normalised.map((v, i) => leakyReluReference(v + residual[i], 0.01)),
      channels,
    );
    const record = (r: Recorder) => {
      const input = r.table('x', toChannelsLast(x, channels));
      const partials = recordStats(r, { label: 'x', x: input, voxels, channels });
      const scaleShift = recordNormFinalize(r, { label: 'norm', partials, groups: 2, epsilon: 1e-5, weight, bias });
      const out = vec4Output(r, expected.length);
      const added = r.table('residual', toChannelsLast(residual, channels));
      const op = { label: 'apply', x: input, scaleShift, residual: added, voxels, channels, out };
      recordApplyNorm(r, { ...op, activation: { slope: 0.01 } });
      return [{ tensor: out, length: expected.length }];
    };
    const [actual] = await runOnce(device, record, 'fp16');
    expectAllClose(actual, expected, 2e-6, ROUNDING.fp16);
  });

  it('replaces a 1x1x1 convolution from one channel and its norm by a scale and shift of the plane', async () => {
    const [channels, voxels] = [6, 2100];
    const [x, plane] = [randomNormal(channels * voxels, 1), randomNormal(voxels, 2).map((v) => 3 * v + 40)];
    const projection = randomNormal(channels, 3);
    const shortcut = groupNormReference(pointwiseReference(plane, projection, 1, channels), channels, channels, 1e-5);
    const main = groupNormReference(x, channels, channels, 1e-5);
    const sum = main.map((v, i) => leakyReluReference(v + shortcut[i], 0.01));
    const expected = toChannelsLast(sum, channels);
    const [actual] = await runOnce(device, (r) => {
      const [input, patch] = [r.constant('x', toChannelsLast(x, channels)), r.constant('plane', plane)];
      const stats = recordStats(r, { label: 'x', x: input, voxels, channels });
      const planeStats = recordStats(r, { label: 'plane', x: patch, planar: true, voxels, channels: 1 });
      const out = r.output('y', expected.byteLength);
      recordApplyNorm(r, {
        ...{ label: 'apply', x: input, voxels, channels, out, activation: { slope: 0.01 } },
        scaleShift: recordNormFinalize(r, { label: 'norm', partials: stats, epsilon: 1e-5 }),
        residual: patch,
        residualPlane: true,
        residualScaleShift: recordNormFinalize(r, { label: 'norm3', partials: planeStats, epsilon: 1e-5, projection }),
      });
      return [{ tensor: out, length: expected.length }];
    });
    expectAllClose(actual, expected, 2e-5);
  });

  it('refuses groups that do not divide the channels', () => {
    const r = new Recorder();
    const partials = recordStats(r, { label: 'x', x: r.input('x', 64), voxels: 1, channels: 6 });
    expect(() => recordNormFinalize(r, { label: 'norm', partials, groups: 4, epsilon: 1e-5 })).toThrow(InternalError);
  });
});
