import { afterAll, describe, expect, it } from 'vitest';
import { InternalError } from '../../core/errors';
import { openGpuDevice } from '../../testing/gpuDevice';
import { countingDevice, lateDevice } from '../../testing/gpuFaults';
import { saying } from '../../testing/saying';
import { Program } from './program';
import { type Kernel, Recorder } from './recorder';

const device = await openGpuDevice();
afterAll(() => device.destroy());

const scale = (factor: number): Kernel => ({
  label: `times ${factor}`,
  code: `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) g: vec3u) {
  if (g.x < arrayLength(&y)) { y[g.x] = x[g.x] * f32(${factor}); }
}`,
  access: ['read', 'write'],
  workgroups: [1, 1, 1],
  flops: 16,
  bytes: 128,
});

describe('programs on the GPU', () => {
  it('runs dispatches in order over shared memory', async () => {
    const r = new Recorder();
    const x = r.input('x', 64);
    const [a, b] = [r.temporary('a', 64), r.temporary('b', 64)];
    const y = r.output('y', 64);
    r.dispatch(scale(2), [x, a]);
    r.dispatch(scale(3), [a, b]);
    r.dispatch(scale(5), [b, y]);
    using program = await Program.compile(device, r);
    await program.run(new Map([[x, Float32Array.from({ length: 16 }, (_, i) => i)]]));
    expect([...(await program.read(y))]).toEqual(Array.from({ length: 16 }, (_, i) => 30 * i));
  });

  it('shows the compiler message and the numbered source of a shader that does not compile', async () => {
    const r = new Recorder();
    const [x, y] = [r.input('x', 64), r.output('y', 64)];
    r.dispatch({ ...scale(2), code: scale(2).code.replace('x[g.x]', 'nothing[g.x]') }, [x, y]);
    const failure = Program.compile(device, r);
    await expect(failure).rejects.toThrow(InternalError);
    await expect(failure).rejects.toThrow(
      saying(/times 2 does not compile\.\n[\s\S]*unresolved value 'nothing'[\s\S]*4 .*nothing/),
    );
  });

  it('computes the same in pieces as at once', async () => {
    const r = new Recorder();
    const x = r.input('x', 64 * 4);
    const [a, y] = [r.temporary('a', 64 * 4), r.output('y', 64 * 4)];
    const rows: Kernel = {
      ...scale(2),
      code: `@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(4) fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let g = FIRST + workgroup;
  let i = (g.y * 2u + g.x) * 4u + li;
  y[i] = y[i] + x[i] + f32(i);
}`,
      workgroups: [2, 8, 1],
      splitAxis: 1,
    };
    r.dispatch({ ...scale(0), workgroups: [1, 1, 1] }, [x, y]);
    r.dispatch(rows, [x, y]);
    r.dispatch(scale(1), [y, a]);
    r.dispatch(rows, [a, y]);
    using program = await Program.compile(device, r);
    const values = Float32Array.from({ length: 64 }, (_, i) => i * i);
    expect(program.turns).toEqual({ submits: 1, dispatches: 4 });
    program.expectRun(100);
    // Four kernels of equal cost, 25 ms each: the two with an axis are cut into 4.
    expect(program.turns).toEqual({ submits: 10, dispatches: 10 });
    await program.run(new Map([[x, values]]));
    const inPieces = await program.read(y);
    const encoder = device.createCommandEncoder();
    program.encode(encoder);
    device.queue.submit([encoder.finish()]);
    const whole = await program.read(y);
    expect(inPieces).toEqual(whole);
    expect([...whole]).toEqual([...values].map((v, i) => 2 * (v + i) + i));
  });

  it('says in words that a tensor is larger than the device can hold, before it allocates anything', async () => {
    const { counted, live } = countingDevice(device);
    const { maxStorageBufferBindingSize: limit } = counted.limits;
    const r = new Recorder();
    r.dispatch(scale(2), [r.input('x', 64), r.output('feature map', limit + 16)]);
    await expect(Program.compile(counted, r)).rejects.toThrow(
      saying(/needs \d+ MB .*\(feature map\).* at most \d+ MB \(max\w+\)\. Choose "wasm"/, 'gpu-limit'),
    );
    expect(live.size).toBe(0);
  });

  it('says in words that the device has no memory left, how much it needs and what to do, and leaves none behind', async () => {
    const { counted, live } = countingDevice(device);
    const r = new Recorder();
    // 64 GB altogether, never touched.
    const bytes = Math.min(2 ** 30, counted.limits.maxBufferSize);
    for (let n = 0; n < 64; n++) r.dispatch(scale(2), [r.input('x', bytes), r.output('y', 64)]);
    await expect(Program.compile(counted, r)).rejects.toThrow(
      saying(/no memory left for the network, which needs 68720 MB\. Close other tabs/, 'gpu-memory'),
    );
    expect(live.size).toBe(0);
  });

  it('cuts its very first run, as much as the device has been measured to need', async () => {
    const r = new Recorder();
    const [x, y] = [r.input('x', 64), r.output('y', 64)];
    // 20 GFLOP: 2 s at a tenth of 100 GFLOP/s.
    const heavy: Kernel = { ...scale(2), flops: 20e9, bytes: 0, workgroups: [1, 1000, 1], splitAxis: 1 };
    r.dispatch({ ...heavy, code: heavy.code.replace('g.x]', 'g.x + 0u * FIRST.x]') }, [x, y]);
    using unmeasured = await Program.compile(device, r);
    expect(unmeasured.turns.submits).toBe(250);
    using fast = await Program.compile(device, r, { gflops: 10_000 });
    expect(fast.turns.submits).toBe(3);
    // What is measured counts, though it is longer than the estimate.
    fast.expectRun(4000);
    expect(fast.turns.submits).toBe(500);
  });

  it('does not take the time a browser needs to answer for the time of a run', async () => {
    const late = lateDevice(device, 100);
    const r = new Recorder();
    const [x, y] = [r.input('x', 64), r.output('y', 64)];
    for (let n = 0; n < 4; n++) r.dispatch(scale(2), [x, y]);
    using program = await Program.compile(late, r);
    for (let n = 0; n < 3; n++) await program.run(new Map());
    await new Promise((resolve) => setTimeout(resolve, 150));
    // On a busy machine the fastest of the runs may take longer than one turn; with the browser's 100 ms it would take four.
    expect(program.turns.submits).toBeLessThanOrEqual(2);
    using late100 = await Program.compile(device, r);
    late100.expectRun(100);
    expect(late100.turns.submits).toBe(4);
  });
});
