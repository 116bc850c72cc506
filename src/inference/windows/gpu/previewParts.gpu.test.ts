/** The parts of a preview on a GPU: the same labels as on the processor, for every place that a part can have. */
import { afterAll, expect, it } from 'vitest';
import { message } from '../../../core/messages';
import { allAtOnce } from '../../../core/steps';
import { FakeGpuNetwork, fakeBackend } from '../../../testing/fakeNetworks';
import { openGpuDevice } from '../../../testing/gpuDevice';
import { manifest, scan } from '../../../testing/thresholdNetwork';
import { OwnedDevice } from '../../gpu/ownedDevice';
import { prepare } from '../../schemes/prepare';
import { previewOf } from '../../schemes/preview';
import type { WindowExecutor, WindowJob } from '../contract';
import { CpuWindows } from '../cpu/cpuWindows';
import { GpuWindows } from './gpuWindows';

const device = await openGpuDevice();
afterAll(() => device.destroy());
const info = { provider: 'wgsl', adapter: message('test'), reason: message('test') } as const;

async function labelsOf(executor: WindowExecutor, job: WindowJob): Promise<number[]> {
  const labels: number[] = [];
  await executor.run(job, { onWindow: async () => undefined, onSlab: (_, slab) => void labels.push(...slab) });
  return labels;
}

it('labels parts as the processor does', async () => {
  const prepared = allAtOnce(prepare([scan([26, 9, 30], [2, 2, 2])], manifest([8, 12, 8])));
  const parts = previewOf(prepared);
  expect(parts.length).toBeGreaterThan(2);
  const shape = { channels: 1, classes: 3, patchDhw: [8, 12, 8] } as const;
  const onGpu = new GpuWindows(info, new OwnedDevice(device), await FakeGpuNetwork.open(device, shape, 'planar'));
  const onCpu = new CpuWindows(fakeBackend(shape));
  for (const { job } of parts) {
    const expected = await labelsOf(onCpu, job);
    const differing = (await labelsOf(onGpu, job)).filter((label, i) => label !== expected[i]).length;
    expect(expected.length).toBeGreaterThan(100);
    // Near ties fall on either side.
    expect(differing).toBeLessThanOrEqual(expected.length / 500);
  }
});
