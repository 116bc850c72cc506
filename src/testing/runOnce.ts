/** Runs what a test records, once, and reads its results back. */
import { Program, Recorder, type TensorId } from '../inference/gpu/program';

/** A tensor to read, and how many of its floats mean something (buffers are rounded up to 16 bytes). */
export interface Result {
  readonly tensor: TensorId;
  readonly length: number;
}

/** @param record records kernels over constants; its results must be outputs, not temporaries */
export async function runOnce(device: GPUDevice, record: (r: Recorder) => readonly Result[]): Promise<Float32Array[]> {
  const r = new Recorder();
  const results = record(r);
  using program = await Program.compile(device, r);
  await program.run(new Map());
  const values: Float32Array[] = [];
  for (const { tensor, length } of results) values.push((await program.read(tensor)).subarray(0, length));
  return values;
}
