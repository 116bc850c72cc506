/** How long every kernel of a program takes: for benchmarks, not for runs. */
import type { CompiledStep, Program } from './program';
import type { Kernel } from './recorder';

export interface KernelTime {
  readonly kernel: Kernel;
  /** Milliseconds of one dispatch, by itself. */
  readonly ms: number;
}

/** 'timestamps': the GPU's own clock around each kernel. 'wall clock': a submit and its answer per kernel, so too long. */
export type KernelClock = 'timestamps' | 'wall clock';

/** Short kernels are repeated within a pass until this long: browsers round timestamps to 0.1 ms. */
const ENOUGH_MS = 2;
const MOST_REPEATS = 50;

/**
 * Times every dispatch in a pass of its own. Temporaries keep what earlier runs left in them, so results mean nothing
 * afterwards; inputs that fit the GPU's caches are there when a kernel is repeated.
 * @param budgetMs no kernel is repeated when the first round has taken this long already
 */
export async function timeKernels(
  device: GPUDevice,
  program: Program,
  budgetMs = 5000,
): Promise<{ times: KernelTime[]; clock: KernelClock }> {
  const { steps } = program;
  const clock = device.features.has('timestamp-query') ? 'timestamps' : 'wall clock';
  const measure = clock === 'timestamps' ? timestamps : wallClock;
  const once = await measure(device, program, steps, () => 1);
  const isSlow = once.reduce((a, b) => a + b, 0) > budgetMs;
  const repeats = once.map((ms) => (isSlow ? 1 : Math.min(MOST_REPEATS, Math.ceil(ENOUGH_MS / Math.max(ms, 1e-3)))));
  const again = isSlow ? once : await measure(device, program, steps, (i) => repeats[i]);
  return { clock, times: steps.map(({ kernel }, i) => ({ kernel, ms: again[i] / repeats[i] })) };
}

type Measure = (
  device: GPUDevice,
  program: Program,
  steps: readonly CompiledStep[],
  repeats: (step: number) => number,
) => Promise<number[]>;

const timestamps: Measure = async (device, program, steps, repeats) => {
  const bytes = 16 * steps.length;
  const querySet = device.createQuerySet({ type: 'timestamp', count: 2 * steps.length });
  const { QUERY_RESOLVE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const resolved = device.createBuffer({ label: 'timestamps', size: bytes, usage: QUERY_RESOLVE | COPY_SRC });
  const staging = device.createBuffer({ label: 'timestamps', size: bytes, usage: MAP_READ | COPY_DST });
  try {
    const encoder = device.createCommandEncoder({ label: 'timing' });
    for (const index of steps.keys()) {
      const pass = encoder.beginComputePass({
        timestampWrites: { querySet, beginningOfPassWriteIndex: 2 * index, endOfPassWriteIndex: 2 * index + 1 },
      });
      for (let n = repeats(index); n > 0; n--) program.dispatchWhole(pass, index);
      pass.end();
    }
    encoder.resolveQuerySet(querySet, 0, 2 * steps.length, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const nanoseconds = new BigUint64Array(staging.getMappedRange());
    return steps.map((_, i) => Math.max(0, Number(nanoseconds[2 * i + 1] - nanoseconds[2 * i]) / 1e6));
  } finally {
    querySet.destroy();
    resolved.destroy();
    staging.destroy();
  }
};

const wallClock: Measure = async (device, program, steps, repeats) => {
  const times: number[] = [];
  for (const index of steps.keys()) {
    const encoder = device.createCommandEncoder({ label: 'timing' });
    const pass = encoder.beginComputePass();
    for (let n = repeats(index); n > 0; n--) program.dispatchWhole(pass, index);
    pass.end();
    const startedAt = performance.now();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    times.push(performance.now() - startedAt);
  }
  return times;
};
