import { afterAll, describe, expect, it } from 'vitest';
import { fromHalves, toHalves } from '../../core/half';
import { openGpuDevice } from '../../testing/gpuDevice';
import { Program } from './program';
import { Recorder } from './recorder';
import { Bindings } from './wgsl';

const device = await openGpuDevice();
afterAll(() => device.destroy());

const NUMBERS = Float32Array.from([
  ...[0, 1, -1, 1 / 3, -2 / 3, 1000.3, -1e-3, 2048.5],
  ...[65503, 65504, 65519, -65519, 65520, 1e6, -1e30, 3e38],
]);

/** x stored as halves and read again. */
async function copies(shaderF16: boolean) {
  const r = new Recorder({ storage: 'fp16', smallBytes: 0, shaderF16 });
  const x = r.constant('x', NUMBERS);
  const [middle, y] = [r.activation('middle', 4), r.output('y', 64)];
  const dispatch = (bindings: Bindings, statement: string) => {
    const code = bindings.shader(
      `@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) i: u32) { ${statement} }`,
    );
    const cost = { flops: 0, bytes: bindings.bytes };
    r.dispatch({ label: 'copy', code, access: bindings.access, workgroups: [1, 1, 1], ...cost }, bindings.tensors);
  };
  const store = new Bindings(r);
  store.vec4s('x', 'read', x);
  store.vec4s('y', 'write', middle);
  dispatch(store, 'store_y(i, load_x(i));');
  const load = new Bindings(r);
  load.vec4s('x', 'read', middle);
  load.vec4s('y', 'write', y);
  dispatch(load, 'store_y(i, load_x(i));');
  using program = await Program.compile(device, r);
  await program.run(new Map());
  return { bytes: program.bytesAllocated, y: await program.read(y) };
}

describe('numbers stored as halves', () => {
  const types = device.features.has('shader-f16') ? [false, true] : [false];
  it.each(types)(
    'come back rounded to a neighbour, clamped to the largest half (shader-f16: %s)',
    async (shaderF16) => {
      const { bytes, y } = await copies(shaderF16);
      expect(bytes).toBe(64 + 32 + 64);
      const nearest = fromHalves(toHalves(NUMBERS));
      for (const [i, value] of NUMBERS.entries()) {
        // One part in 1024 is the distance to the further of the two neighbours.
        expect(Math.abs(y[i] - nearest[i])).toBeLessThanOrEqual(Math.abs(value) * 2 ** -10);
        if (Math.abs(value) >= 65520 || Number.isInteger(value)) expect(y[i]).toBe(nearest[i]);
      }
    },
  );
});
