/** Runs what a test records and reads its results back. */
import { expect } from 'vitest';
import { fromHalves, toHalves } from '../core/half';
import { Program } from '../inference/gpu/program';
import { Recorder, type TensorId } from '../inference/gpu/recorder';
import { type Storage, VEC4_BYTES } from '../inference/gpu/storage';

/** A tensor to read, and how many of its numbers mean something (buffers are rounded up to 16 bytes). */
export interface Result {
  readonly tensor: TensorId;
  readonly length: number;
}

/** Milliseconds of a run that make the scheduler cut every dispatch that can be cut. */
const SLOW_RUN_MS = 10_000;

/**
 * Runs whole dispatches, and where some can be cut also pieces of them, which must give the same bits.
 * @param record records kernels over constants and tables; its results must be outputs, not temporaries
 * @param storage of tables, activations and vec4Output; as halves where the device has shader-f16, else packed
 * @param shareLoads as in RecorderOptions; the device must have the feature subgroups
 */
export async function runOnce(
  device: GPUDevice,
  record: (r: Recorder) => readonly Result[],
  storage: Storage = 'fp32',
  shareLoads = false,
): Promise<Float32Array[]> {
  const r = new Recorder({ storage, smallBytes: 0, shaderF16: device.features.has('shader-f16'), shareLoads });
  const results = record(r);
  using program = await Program.compile(device, r);
  const run = async () => {
    await program.run(new Map());
    const values: Float32Array[] = [];
    for (const { tensor, length } of results) values.push((await program.read(tensor)).subarray(0, length));
    return values;
  };
  if (program.kernels.every((kernel) => kernel.splitAxis === undefined)) return await run();
  program.expectRun(SLOW_RUN_MS);
  const inPieces = await run();
  program.expectRun(0);
  const whole = await run();
  for (const [i, values] of whole.entries()) expect(inPieces[i]).toEqual(values);
  return whole;
}

/** An output of `length` numbers, channels last, in the recorder's storage. */
export function vec4Output(r: Recorder, length: number): TensorId {
  return r.output('y', (length / 4) * VEC4_BYTES[r.storage], r.storage);
}

/** What storing makes of numbers, so that a reference starts from the same ones as the kernel. */
export function stored(values: Float32Array<ArrayBuffer>, storage: Storage = 'fp32'): Float32Array<ArrayBuffer> {
  return storage === 'fp16' ? fromHalves(toHalves(values)) : values;
}

/** Relative rounding of a stored result: WGSL lets a conversion to half go to either neighbour. */
export const ROUNDING: Readonly<Record<Storage, number>> = { fp32: 0, fp16: 2 ** -10 };
