import { afterAll, describe, expect, it } from 'vitest';
import { openGpuDevice } from '../../../testing/gpuDevice';
import { OwnedDevice } from '../../gpu/ownedDevice';
import { planConv3d } from '../kernels/conv3d/plan';
import { measurePlans } from './tune';

const device = await openGpuDevice();
const owned = new OwnedDevice(device);
afterAll(() => device.destroy());

describe('measuring plans on the device', () => {
  const shape = { dimsDhw: [5, 9, 7], cin: 4, cout: 8 } as const;
  const plans = [2, 1].map((voxels) => ({ ...planConv3d([5, 9, 7], 1, 2, 16), voxels }));

  it('gives a time for each and frees its memory', async () => {
    const times = await measurePlans(owned, 60_000)(shape, plans);
    expect(times).toHaveLength(2);
    for (const ms of times ?? []) expect(ms).toBeGreaterThan(0);
  });

  it('gives up on an adapter that is too slow for the budget', async () => {
    const measure = measurePlans(owned, 1e-6);
    expect(await measure(shape, plans)).toBeNull();
    expect(await measure(shape, plans)).toBeNull();
  });
});
