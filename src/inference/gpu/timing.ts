/** How long every kernel of a program takes: for benchmarks, not for runs. */
import type { BoundKernel } from './dispatch';
import type { Program } from './program';
import type { Kernel } from './recorder';

export interface KernelTime {
  readonly kernel: Kernel;
  /** Milliseconds of one dispatch, by itself. */
  readonly ms: number;
}

/**
 * 'timestamps': the GPU's own clock around each kernel. 'wall clock': when the browser says that a submit is done, less what
 * it takes to say so of an empty one.
 */
export type KernelClock = 'timestamps' | 'wall clock';

/** Short kernels are repeated within a pass until this long: browsers round timestamps to 0.1 ms. */
const ENOUGH_MS = 2;
/** Of a kernel in one pass: by the GPU's clock, and by answers of the browser, which may come in steps of 100 ms. */
const MOST_REPEATS: Readonly<Record<KernelClock, number>> = { timestamps: 50, 'wall clock': 512 };

/** How long kernels took, and on which clock. */
export interface KernelTimes {
  readonly times: readonly KernelTime[];
  readonly clock: KernelClock;
  /** Below this a time that was not repeated says nothing. */
  readonly resolutionMs: number;
}

/**
 * Times every dispatch in a pass of its own. Temporaries keep what earlier runs left in them, so results mean nothing
 * afterwards; inputs that fit the GPU's caches are there when a kernel is repeated.
 * @param budgetMs no kernel is repeated when the first round has taken this long already, and longer than answers differ
 * @param repeat whether short kernels are repeated at all
 * @param answers of this device, where they have been measured
 */
export async function timeKernels(
  device: GPUDevice,
  program: Program,
  budgetMs = 5000,
  repeat = true,
  answers?: AnswerTimes,
): Promise<KernelTimes> {
  const { steps } = program;
  const clock = clockOf(device);
  const { typicalMs, resolutionMs } = answers ?? (await answerTimes(device));
  const measure = clock === 'timestamps' ? timestamps : wallClock(typicalMs);
  const enoughMs = Math.max(ENOUGH_MS, resolutionMs);
  let repeats = steps.map(() => 1);
  let total = await measure(device, program, steps, () => 1);
  // What the answers alone may have taken is not slow.
  const isSlow = total.reduce((a, b) => a + b, 0) > Math.max(budgetMs, enoughMs * steps.length);
  while (repeat && !isSlow) {
    // A kernel too short for the clock may be any length below that: eight times as many at most.
    const wanted = repeats.map((n, i) => {
      if (total[i] >= enoughMs) return n;
      const longer = Math.ceil((1.2 * n * enoughMs) / Math.max(total[i], enoughMs / 8));
      return Math.min(MOST_REPEATS[clock], longer);
    });
    const isLonger = wanted.map((n, i) => n > repeats[i]);
    if (!isLonger.includes(true)) break;
    const again = await measure(device, program, steps, (i) => (isLonger[i] ? wanted[i] : 0));
    total = total.map((ms, i) => (isLonger[i] ? again[i] : ms));
    repeats = wanted;
  }
  return {
    clock,
    resolutionMs,
    times: steps.map(({ kernel }, i) => ({ kernel, ms: total[i] / repeats[i] })),
  };
}

const clockOf = ({ features }: GPUDevice): KernelClock =>
  features.has('timestamp-query') ? 'timestamps' : 'wall clock';

/** What the browser takes to say that a submit is done; nothing matters by the GPU's own clock. */
export interface AnswerTimes {
  readonly typicalMs: number;
  /**
   * A time below this may be made of nothing but answers: twice the longest. What is lost or won in one is as much as it
   * takes, where the browser looks only now and then or is busy with something else.
   */
  readonly resolutionMs: number;
}

/** Answers are late by chance: of one or three, all may have been quick. */
const ANSWERS = 7;

/** How long a device takes to answer when it has nothing to do. @throws as the device, when it is lost */
export async function answerTimes(device: GPUDevice): Promise<AnswerTimes> {
  if (clockOf(device) === 'timestamps') return { typicalMs: 0, resolutionMs: 0 };
  const times: number[] = [];
  for (let n = 0; n < ANSWERS; n++) times.push(await submitted(device, () => undefined));
  times.sort((a, b) => a - b);
  return { typicalMs: times[ANSWERS >> 1], resolutionMs: 2 * times[ANSWERS - 1] };
}

/** @param repeats of each step; what is repeated 0 times is left out */
type Measure = (
  device: GPUDevice,
  program: Program,
  steps: readonly BoundKernel[],
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

const wallClock =
  (latencyMs: number): Measure =>
  async (device, program, steps, repeats) => {
    const times: number[] = [];
    for (const index of steps.keys()) {
      if (repeats(index) === 0) {
        times.push(0);
        continue;
      }
      const elapsed = await submitted(device, (pass) => {
        for (let n = repeats(index); n > 0; n--) program.dispatchWhole(pass, index);
      });
      times.push(Math.max(0, elapsed - latencyMs));
    }
    return times;
  };

/** Milliseconds from a submit of one pass to the browser's answer that it is done. */
async function submitted(device: GPUDevice, encode: (pass: GPUComputePassEncoder) => void): Promise<number> {
  const encoder = device.createCommandEncoder({ label: 'timing' });
  const pass = encoder.beginComputePass();
  encode(pass);
  pass.end();
  const commands = encoder.finish();
  const startedAt = performance.now();
  device.queue.submit([commands]);
  await device.queue.onSubmittedWorkDone();
  return performance.now() - startedAt;
}
