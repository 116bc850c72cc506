/** What an adapter can do at best, measured: arithmetic without memory, memory without arithmetic. */

import { measureArithmetic } from '../src/inference/gpu/arithmeticRate';
import { requestDevice } from '../src/inference/gpu/gpuDevice';
import { Program } from '../src/inference/gpu/program';
import { Recorder } from '../src/inference/gpu/recorder';
import { timeKernels } from '../src/inference/gpu/timing';

export interface Ceilings {
  /** 10^9 operations a second in chains of fused multiply-adds (1 = 2 operations), fp32. */
  readonly gflops: number;
  /** 10^9 bytes a second, read and written, of a copy larger than caches. */
  readonly gbytes: number;
}

export interface AdapterReport {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly features: readonly string[];
  readonly ceilings: Ceilings;
}

const COPY_BYTES = 2 ** 26;
const COPY_THREADS = 256;
/** Large enough for a clock, short enough for a software adapter. */
const ENOUGH_MS = 20;

const COPY = `@group(0) @binding(0) var<storage, read> x: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> y: array<vec4f>;
@compute @workgroup_size(${COPY_THREADS}) fn main(@builtin(global_invocation_id) id: vec3u) { y[id.x] = x[id.x]; }`;

/** What the adapter says it is and what it can do. */
export async function reportAdapter(adapter: GPUAdapter): Promise<AdapterReport> {
  const owned = await requestDevice(adapter);
  const { device } = owned;
  try {
    const { vendor, architecture, description } = adapter.info;
    const features = [...device.features].sort();
    const ceilings = await owned.race(measureCeilings(device));
    await owned.settle();
    return { vendor, architecture, description, features, ceilings };
  } finally {
    owned.destroy();
  }
}

/** Takes well under a second on hardware. */
async function measureCeilings(device: GPUDevice): Promise<Ceilings> {
  const gflops = await measureArithmetic(device, ENOUGH_MS);
  const r = new Recorder();
  const kernel = { label: 'copy', code: COPY, access: ['read', 'write'] as const, flops: 0, bytes: 2 * COPY_BYTES };
  const tensors = [r.input('x', COPY_BYTES), r.output('y', COPY_BYTES)];
  r.dispatch({ ...kernel, workgroups: [COPY_BYTES / 16 / COPY_THREADS, 1, 1] }, tensors);
  using program = await Program.compile(device, r);
  const { times } = await timeKernels(device, program);
  return { gflops, gbytes: (2 * COPY_BYTES) / times[0].ms / 1e6 };
}
