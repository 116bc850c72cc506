import { afterAll, describe, expect, it } from 'vitest';
import { randomNormal } from '../../../../testing/allClose';
import { toChannelsLast } from '../../../../testing/channelsLast';
import { openGpuDevice } from '../../../../testing/gpuDevice';
import { runOnce, stored, vec4Output } from '../../../../testing/runOnce';
import type { Recorder } from '../../../gpu/recorder';
import { recordToChannelsLast, recordToPlanar } from './layout';

const device = await openGpuDevice();
afterAll(() => device.destroy());

describe('layouts', () => {
  const cases = [
    ...[1, 2, 4, 5, 12, 17].map((channels) => ({ channels, storage: 'fp32' as const })),
    ...[1, 5, 16].map((channels) => ({ channels, storage: 'fp16' as const })),
  ];
  it.each(cases)('$channels channels go to channels last, padded with zeros, and back: $storage', async (c) => {
    const { channels, storage } = c;
    const voxels = 13 * 17 * 3;
    const planar = stored(randomNormal(voxels * channels, channels), storage);
    const expected = toChannelsLast(planar, channels);
    const record = (r: Recorder) => {
      const op = { label: 'test', voxels, channels };
      const x = r.constant('x', planar);
      const [y, z] = [vec4Output(r, expected.length), r.output('z', planar.byteLength)];
      recordToChannelsLast(r, { ...op, x, out: y });
      recordToPlanar(r, { ...op, x: y, out: z });
      return [
        { tensor: y, length: expected.length },
        { tensor: z, length: planar.length },
      ];
    };
    const [last, back] = await runOnce(device, record, storage);
    expect(last).toEqual(expected);
    expect(back).toEqual(planar);
  });
});
