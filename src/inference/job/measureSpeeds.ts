/**
 * Which is faster here, the graphics adapter or the processor? The same convolution on both tells: our kernel on the one,
 * ONNX Runtime's WebAssembly on the other, as they would run a network. Takes less than a second on hardware, once per adapter.
 */
import { UnsupportedDeviceError } from '../../core/errors';
import { releaseAfter } from '../../core/release';
import { keepArithmetic, measureArithmetic } from '../gpu/arithmeticRate';
import { requestAdapter, requestDevice } from '../gpu/gpuDevice';
import { type Measurements, measurementsOf } from '../gpu/measurements';
import { Program } from '../gpu/program';
import { Recorder } from '../gpu/recorder';
import { timeKernels } from '../gpu/timing';
import { measureTransfer } from '../gpu/transferRate';
import { recordConv3d } from '../network/kernels/conv3d/conv3d';
import { encodeModel } from '../network/onnx/encode';
import { makeModel, node } from '../network/onnx/makeModel';
import { loadOrt, ortTurns } from '../network/ort/ort';
import type { AdapterFacts, MeasuredSpeeds, MeasureStep } from '../protocol';

/** Milliseconds of the test convolution. */
export interface Speeds {
  readonly gpuMs: number;
  /** True when the convolution itself was not tried, since arithmetic alone would take `gpuMs`. */
  readonly gpuAtLeast: boolean;
  /** null when the processor was not tried, since no processor comes near. */
  readonly cpuMs: number | null;
}

const CHANNELS = 16;
const DIMS = [16, 32, 32] as const;
const VOXELS = DIMS[0] * DIMS[1] * DIMS[2];
/** Operations of the test convolution. */
export const FLOPS = 54 * VOXELS * CHANNELS * CHANNELS;

/**
 * What no thread exceeds: 4 lanes, multiplied and added in separate instructions (WebAssembly has no fused ones that
 * ONNX Runtime uses), 1.5 of each per cycle at 5 GHz.
 */
const MOST_GFLOPS_PER_THREAD = 60;

/** The measuring that `measureSpeeds` decides about; tests bring their own. */
export interface SpeedProbes {
  /** 10^9 operations a second. */
  arithmetic(): Promise<number>;
  gpuMs(): Promise<number>;
  cpuMs(): Promise<number>;
  transfer(): Promise<Pick<MeasuredSpeeds, 'uploadGbPerS' | 'readbackGbPerS'>>;
  /** Ends what was opened for measuring. @throws when what the adapter said is not to be trusted */
  close(): Promise<void>;
}

/**
 * Tries as little as settles the question: arithmetic on the adapter first, which compiles in no time. Opens nothing when
 * the answer is known.
 * @param threads that WebAssembly would have
 */
export async function measureSpeeds(
  open: () => Promise<SpeedProbes>,
  threads: number,
  kept: Measurements,
): Promise<Speeds> {
  const name = choiceOf(threads);
  const known = (await kept.get(name)) as Speeds | undefined;
  if (known) return known;
  const probes = await open();
  let gflops: number;
  let speeds: Speeds;
  try {
    gflops = await probes.arithmetic();
    speeds = await compare(probes, gflops, threads);
  } catch (error) {
    throw await releaseAfter(error, [() => probes.close()]);
  }
  await probes.close();
  await keepArithmetic(kept, gflops);
  if (isClear(speeds)) await kept.set(name, speeds);
  await kept.set(lastOf(threads), { ...speeds, gflops, ...NO_TRANSFER, measuredAt: new Date().toISOString() });
  return speeds;
}

const NO_TRANSFER = { uploadGbPerS: null, readbackGbPerS: null } as const;

/** Name of the measurement that choices rest on among what is kept. */
const choiceOf = (threads: number) => `speeds, ${threads} threads`;

/** Name of the last measurement among what is kept, clear or not. */
const lastOf = (threads: number) => `last measured, ${threads} threads`;

/** What was measured last; for showing and predicting, not for choosing. */
export const lastMeasured = async (kept: Measurements, threads: number): Promise<MeasuredSpeeds | null> =>
  ((await kept.get(lastOf(threads))) as MeasuredSpeeds | undefined) ?? null;

/**
 * Measures everything, whatever is kept, and keeps it for later choices too.
 * @param open null without an adapter
 * @param cpuMs the convolution on the processor
 * @throws what a probe throws
 */
export async function measureAll(
  open: (() => Promise<SpeedProbes>) | null,
  cpuMs: () => Promise<number>,
  threads: number,
  kept: Measurements,
  onStep: (step: MeasureStep, done: number, total: number) => void = () => undefined,
): Promise<MeasuredSpeeds> {
  const measuredAt = new Date().toISOString();
  let measured: MeasuredSpeeds;
  if (!open) {
    onStep('cpu', 0, 1);
    measured = { gflops: null, gpuMs: null, gpuAtLeast: false, cpuMs: await cpuMs(), ...NO_TRANSFER, measuredAt };
  } else {
    const probes = await open();
    try {
      onStep('arithmetic', 0, 4);
      const gflops = await probes.arithmetic();
      onStep('transfer', 1, 4);
      const transfer = await probes.transfer();
      onStep('cpu', 2, 4);
      const onCpu = await cpuMs();
      onStep('gpu', 3, 4);
      // An adapter that cannot win is not asked to compile a convolution, which takes a software one seconds.
      const atLeastMs = FLOPS / gflops / 1e6;
      const gpuAtLeast = atLeastMs >= onCpu;
      const gpuMs = gpuAtLeast ? atLeastMs : await probes.gpuMs();
      measured = { gflops, gpuMs, gpuAtLeast, cpuMs: onCpu, ...transfer, measuredAt };
    } catch (error) {
      throw await releaseAfter(error, [() => probes.close()]);
    }
    await probes.close();
    const { gflops, gpuMs, gpuAtLeast, cpuMs: onCpu } = measured;
    await keepArithmetic(kept, gflops as number);
    const speeds = { gpuMs: gpuMs as number, gpuAtLeast, cpuMs: onCpu };
    // An earlier choice does not outlive a later measurement that is less clear.
    await kept.set(choiceOf(threads), isClear(speeds) ? speeds : undefined);
  }
  await kept.set(lastOf(threads), measured);
  return measured;
}

/** Whether a busy moment cannot have decided it; a close result is measured again next time. */
function isClear({ gpuMs, cpuMs }: Speeds): boolean {
  return cpuMs === null || Math.max(gpuMs / cpuMs, cpuMs / gpuMs) > 2;
}

async function compare(probes: SpeedProbes, gflops: number, threads: number): Promise<Speeds> {
  const atLeastMs = FLOPS / gflops / 1e6;
  const cpuAtLeastMs = FLOPS / (MOST_GFLOPS_PER_THREAD * threads) / 1e6;
  // An adapter that cannot win is not asked to compile a convolution, which takes a software one seconds.
  let cpuMs: number | null = null;
  if (atLeastMs > cpuAtLeastMs) {
    cpuMs = await probes.cpuMs();
    if (atLeastMs >= cpuMs) return { gpuMs: atLeastMs, gpuAtLeast: true, cpuMs };
  }
  const gpuMs = await probes.gpuMs();
  // A processor that cannot win is spared loading the WebAssembly runtime.
  if (gpuMs > cpuAtLeastMs) cpuMs ??= await probes.cpuMs();
  return { gpuMs, gpuAtLeast: false, cpuMs };
}

/**
 * Measures this machine, unless that was done lately.
 * @param facts of the adapter
 * @param ortUrl folder with onnxruntime-web's files
 * @returns null when the adapter is gone, gives no device or fails
 */
export async function measureMachine(facts: AdapterFacts, threads: number, ortUrl: string): Promise<Speeds | null> {
  return measureSpeeds(() => openProbes(threads, ortUrl), threads, measurementsOf(facts)).catch(() => null);
}

/** Opens the adapter for measuring. @throws UnsupportedDeviceError where it is gone or gives no device */
export async function openProbes(threads: number, ortUrl: string): Promise<SpeedProbes> {
  const adapter = await requestAdapter();
  if (!adapter) throw new UnsupportedDeviceError('nothing-to-measure');
  const owned = await requestDevice(adapter);
  const { device } = owned;
  return {
    arithmetic: () => owned.race(measureArithmetic(device, 2)),
    gpuMs: () => owned.race(gpuConvolution(device)),
    transfer: () => owned.race(measureTransfer(device)),
    cpuMs: () => cpuConvolution(threads, ortUrl),
    // Refused work takes no time, which would look like speed.
    close: () => owned.settle().finally(() => owned.destroy()),
  };
}

async function gpuConvolution(device: GPUDevice): Promise<number> {
  const r = new Recorder();
  const size = VOXELS * CHANNELS * 4;
  const weight = new Float32Array(CHANNELS * CHANNELS * 27);
  const [x, out] = [r.input('x', size), r.output('y', size)];
  recordConv3d(r, { label: 'speed', x, out, dimsDhw: DIMS, cin: CHANNELS, cout: CHANNELS, weight });
  using program = await Program.compile(device, r);
  const { times } = await timeKernels(device, program, 50);
  return times.reduce((sum, { ms }) => sum + ms, 0);
}

/** Milliseconds of the test convolution in WebAssembly. */
export async function cpuConvolution(threads: number, ortUrl: string): Promise<number> {
  const ort = await loadOrt('wasm', ortUrl, threads);
  const data = new Float32Array(CHANNELS * CHANNELS * 27).fill(0.01);
  const conv = node('Conv', ['x', 'w'], ['y'], { kernel_shape: [3, 3, 3], pads: [1, 1, 1, 1, 1, 1] });
  const dims = [1, CHANNELS, ...DIMS];
  const model = encodeModel(makeModel([conv], { w: { dims: [CHANNELS, CHANNELS, 3, 3, 3], data } }, dims));
  return ortTurns.take(async () => {
    const session = await ort.InferenceSession.create(model, { executionProviders: ['wasm'] });
    try {
      const x = new ort.Tensor('float32', new Float32Array(VOXELS * CHANNELS).fill(0.5), dims);
      let fastest = Number.POSITIVE_INFINITY;
      for (let run = 0; run < 4; run++) {
        const startedAt = performance.now();
        await session.run({ x });
        fastest = Math.min(fastest, performance.now() - startedAt);
      }
      return fastest;
    } finally {
      await session.release().catch(() => undefined);
    }
  });
}
