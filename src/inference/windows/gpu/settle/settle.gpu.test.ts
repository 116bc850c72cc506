import { afterAll, describe, expect, it } from 'vitest';
import { expectAllClose, randomNormal } from '../../../../testing/allClose';
import { openGpuDevice } from '../../../../testing/gpuDevice';
import { runOnce } from '../../../../testing/runOnce';
import type { Kernel } from '../../../gpu/recorder';
import { type SettleShape, settleKernel } from './settle';
import { settleReference } from './settle.reference';

const device = await openGpuDevice();
afterAll(() => device.destroy());

/** Outputs begin as zeros. */
const copyKernel = (length: number): Kernel => ({
  label: 'copy',
  code: `@group(0) @binding(0) var<storage, read> source: array<f32>;
    @group(0) @binding(1) var<storage, read_write> sink: array<f32>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) at: vec3u) {
      if (at.x < ${length}u) { sink[at.x] = source[at.x]; }
    }`,
  access: ['read', 'write'],
  workgroups: [Math.ceil(length / 64), 1, 1],
  flops: 0,
  bytes: 8 * length,
});

const CASES: Record<string, Required<Pick<SettleShape, 'classes' | 'activation' | 'counted'>>> = {
  'softmax of averages': { classes: 5, activation: 'softmax', counted: false },
  'softmax after division, in four classes and a group for the weights': {
    classes: 4,
    activation: 'softmax',
    counted: true,
  },
  'sigmoid after division': { classes: 3, activation: 'sigmoid', counted: true },
  'division alone': { classes: 14, activation: 'none', counted: true },
};

describe('the settle kernel', () => {
  it.each(Object.entries(CASES))('%s', async (_, { classes, activation, counted }) => {
    const [ring, rows, width] = [5, 3, 67];
    const channels = classes + (counted ? 1 : 0);
    const padded = 4 * Math.ceil(channels / 4);
    // Planes 6 and 7 of the grid, which lie at 1 and 2 of the ring.
    const [first, planes] = [6, 2];
    const voxels = ring * rows * width;
    const held = randomNormal(voxels * padded, 5).map((v, i) => (i % padded === classes ? 1 + Math.abs(v) : 3 * v));
    const kernel = settleKernel({ classes, ring, width, half: false, activation, counted }, planes, rows);
    const [out] = await runOnce(device, (r) => {
      const tensor = r.output('ring', held.byteLength);
      r.dispatch(copyKernel(held.length), [r.constant('before', held), tensor]);
      r.dispatch(kernel, [r.constant('slab', Uint32Array.of(first, rows), true), tensor]);
      return [{ tensor, length: held.length }];
    });
    const plane = rows * width * padded;
    const of = (values: ArrayLike<number>, count: number) =>
      Array.from({ length: planes * rows * width }, (_, v) =>
        Array.from({ length: count }, (_, c) => values[plane + v * padded + c]),
      ).flat();
    expectAllClose(of(out, classes), settleReference(of(held, channels), classes, activation, counted), 1e-5);
    // Other planes keep their sums.
    expect([...out.subarray(0, plane)]).toEqual([...held.subarray(0, plane)]);
    expect([...out.subarray(3 * plane)]).toEqual([...held.subarray(3 * plane)]);
  });
});
