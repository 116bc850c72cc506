import { afterAll, describe, expect, it } from 'vitest';
import { randomNormal } from '../../../testing/allClose';
import { toChannelsLast } from '../../../testing/channelsLast';
import { openGpuDevice } from '../../../testing/gpuDevice';
import { runOnce } from '../../../testing/runOnce';
import { recordToChannelsLast, recordToPlanar } from './layout';

const device = await openGpuDevice();
afterAll(() => device?.destroy());

describe.skipIf(!device)('layouts', () => {
  it.each([1, 2, 4, 5, 12, 17])('%i channels go to channels last, padded with zeros, and back', async (channels) => {
    const voxels = 13 * 17 * 3;
    const planar = randomNormal(voxels * channels, channels);
    const expected = toChannelsLast(planar, channels);
    const [last, back] = await runOnce(device as GPUDevice, (r) => {
      const op = { label: 'test', voxels, channels };
      const x = r.constant('x', planar);
      const [y, z] = [r.output('y', expected.byteLength), r.output('z', planar.byteLength)];
      recordToChannelsLast(r, { ...op, x, out: y });
      recordToPlanar(r, { ...op, x: y, out: z });
      return [
        { tensor: y, length: expected.length },
        { tensor: z, length: planar.length },
      ];
    });
    expect(last).toEqual(expected);
    expect(back).toEqual(planar);
  });
});
