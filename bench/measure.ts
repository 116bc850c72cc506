/** Times one provider on one network, in a browser page or in Node: the same code, the same input. */
import { asAppError, UnsupportedDeviceError } from '../src/core/errors';
import { type Message, message } from '../src/core/messages';
import { releaseAll } from '../src/core/release';
import type { Program } from '../src/inference/gpu/program';
import type { Kernel } from '../src/inference/gpu/recorder';
import { type KernelClock, timeKernels } from '../src/inference/gpu/timing';
import { noise } from '../src/inference/job/dryRun';
import { type GpuOptions, openEngine } from '../src/inference/network/engine/openEngine';
import { type OrtOptions, openOrtBackend } from '../src/inference/network/ort/ort';
import type { Provider } from '../src/inference/protocol';
import { say } from '../src/locales/say';
import type { Triple } from '../src/volume/grid';
import { trackGpuMemory } from './gpuMemory';
import type { Network } from './network';

/** As the command line calls them. */
export const PROVIDERS = {
  'ort-wasm': 'wasm',
  'ort-webgpu': 'webgpu',
  hybrid: 'hybrid',
  wgsl: 'wgsl',
  /** wgsl with fp16 storage. */
  'wgsl-fp16': 'wgsl',
} as const satisfies Record<string, Provider>;
export type BenchProvider = keyof typeof PROVIDERS;

export interface MeasureRequest {
  readonly provider: BenchProvider;
  /** Windows to time, after one that warms up. */
  readonly windows: number;
  /** Also time every kernel by itself. */
  readonly kernels: boolean;
}

/** What it is measured on, and with. */
export interface Setting {
  readonly network: Network;
  /** What the adapter is called in reports; null when there is none. */
  readonly adapterName: string | null;
  /** For WebAssembly. */
  readonly threads: number;
  /** Absolute address of onnxruntime-web's files, ending in '/'. */
  readonly ortUrl: string;
  /** Processor time spent so far in all processes that take part, ms: what a window costs on a machine that is not idle. */
  readonly cpuMs: () => Promise<number>;
}

export interface KernelReport extends Pick<Kernel, 'label' | 'flops' | 'bytes'> {
  readonly ms: number;
}

export interface ProviderReport {
  readonly provider: BenchProvider;
  readonly patchDhw: Triple;
  /** Adapter or threads. */
  readonly device: string;
  /** What the engine says about parts that ran elsewhere. */
  readonly note: string | null;
  /** Opening: weights uploaded, shaders compiled, sessions created. */
  readonly openMs: number;
  /** The first window, which compiles what opening did not. */
  readonly firstWindowMs: number;
  readonly windowMs: readonly number[];
  /** Processor time of each. A software adapter's work is all of it; a graphics card's is none. */
  readonly windowCpuMs: readonly number[];
  /** Most bytes of GPU buffers alive at once; 0 without a GPU. */
  readonly peakGpuBytes: number;
  /** Submits and dispatches of a window, where they are ours. */
  readonly turns: { readonly submits: number; readonly dispatches: number } | null;
  readonly clock: KernelClock | null;
  readonly kernels: readonly KernelReport[];
}

/** For Promise.catch: an error that says what a user would read. */
export function inWords(error: unknown): never {
  throw new Error(say(asAppError(error)), { cause: error });
}

/**
 * @param onStep told before each step, so that a run that is cut off can say where it was
 * @throws UnsupportedDeviceError without an adapter that the provider needs; what opening and running throw
 */
export async function measureProvider(
  request: MeasureRequest,
  setting: Setting,
  onStep: (step: string) => void,
): Promise<ProviderReport> {
  const { adapterName, network: described } = setting;
  const provider: Provider = PROVIDERS[request.provider];
  if (provider !== 'wasm' && adapterName === null) {
    throw new UnsupportedDeviceError('needs-adapter', { provider: request.provider });
  }
  const device = provider === 'wasm' ? `${setting.threads} threads` : (adapterName as string);
  const adapter = message('adapter', { name: device });
  const options: GpuOptions = {
    info: { provider, adapter, reason: adapter },
    ...{ threads: setting.threads, ortUrl: setting.ortUrl },
    ...described,
    precision: request.provider === 'wgsl-fp16' ? 'fp16' : 'fp32',
  };
  const memory = trackGpuMemory();

  onStep('opening');
  const startedAt = performance.now();
  const network = await (provider === 'wasm' ? onProcessor(options) : onAdapter(options));
  const openMs = performance.now() - startedAt;
  try {
    const { channels, patchDhw } = described;
    const patch = noise(channels * patchDhw[0] * patchDhw[1] * patchDhw[2]);
    const time = async () => {
      const [start, startCpu] = [performance.now(), await setting.cpuMs()];
      await network.window(patch);
      return { ms: performance.now() - start, cpuMs: (await setting.cpuMs()) - startCpu };
    };
    onStep(`first window (opened in ${Math.round(openMs)} ms)`);
    const { ms: firstWindowMs } = await time();
    const windows: { ms: number; cpuMs: number }[] = [];
    for (let n = 1; n <= request.windows; n++) {
      onStep(`window ${n} of ${request.windows} (first ${Math.round(firstWindowMs)} ms)`);
      windows.push(await time());
    }
    const peakGpuBytes = memory.peakBytes;
    const kernels: KernelReport[] = [];
    let clock: KernelClock | null = null;
    let turns: ProviderReport['turns'] = null;
    const { programs } = network;
    if (programs.length > 0) {
      const sum = (key: 'submits' | 'dispatches') => programs.reduce((total, p) => total + p.turns[key], 0);
      turns = { submits: sum('submits'), dispatches: sum('dispatches') };
    }
    for (const program of request.kernels ? programs : []) {
      onStep('kernels');
      const timed = await timeKernels(network.device as GPUDevice, program);
      clock = timed.clock;
      for (const { kernel, ms } of timed.times) {
        kernels.push({ label: kernel.label, flops: kernel.flops, bytes: kernel.bytes, ms });
      }
    }
    const { provider: name } = request;
    const noted = network.note();
    const [windowMs, windowCpuMs] = [windows.map(({ ms }) => ms), windows.map(({ cpuMs }) => cpuMs)];
    return {
      provider: name,
      patchDhw: described.patchDhw,
      device,
      note: noted ? say(noted) : null,
      openMs,
      firstWindowMs,
      windowMs,
      windowCpuMs,
      peakGpuBytes,
      turns,
      clock,
      kernels,
    };
  } finally {
    await network.dispose();
    memory.stop();
  }
}

/** An open network as far as it is measured. */
interface Running {
  readonly device: GPUDevice | null;
  readonly programs: readonly Program[];
  note(): Message | undefined;
  /** One window from input in CPU memory to logits: in CPU memory, or on the GPU, where they are added up. */
  window(patch: Float32Array<ArrayBuffer>): Promise<void>;
  dispose(): Promise<void>;
}

async function onProcessor(options: OrtOptions): Promise<Running> {
  const backend = await openOrtBackend(options);
  return {
    ...{ device: null, programs: [], note: () => undefined },
    async window(patch) {
      await backend.run(patch, options.patchDhw);
    },
    dispose: () => backend.dispose(),
  };
}

async function onAdapter(options: GpuOptions): Promise<Running> {
  const { owned, engine, note } = await openEngine(options);
  const { device } = owned;
  return {
    ...{ device, programs: engine.programs, note },
    async window(patch) {
      device.queue.writeBuffer(engine.input, 0, patch);
      await owned.race(engine.submit());
      // A window that the device refused would be a fast one.
      await owned.settle();
      engine.release();
    },
    async dispose() {
      await releaseAll([() => engine.dispose(), () => owned.destroy()]);
    },
  };
}
