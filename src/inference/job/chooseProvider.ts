/** Which execution provider runs the network, and the sentence that tells the user why. */
import { AppError, CancelledError, GpuLostError, InvalidInputError, UnsupportedDeviceError } from '../../core/errors';
import { type AdapterFacts, adapterFacts, describeAdapter, softwareAdapterName } from '../gpu/adapter';
import { requestAdapter } from '../gpu/gpuDevice';
import { withoutAdvice } from '../gpu/ownedDevice';
import type { Provider, ProviderChoice, ProviderInfo } from '../protocol';
import { measureMachine, type Speeds } from './measureSpeeds';

/** Everything the decision depends on. */
export interface DeviceFacts {
  /** navigator.gpu exists. */
  readonly webgpu: boolean;
  readonly adapter: AdapterFacts | null;
  readonly hardwareConcurrency: number;
  /** Without cross-origin isolation there is no SharedArrayBuffer, hence no WebAssembly threads. */
  readonly crossOriginIsolated: boolean;
}

/** Threads for WebAssembly: beyond 8 the convolutions stop scaling and the rest of the machine stutters. */
export function wasmThreads(facts: DeviceFacts): number {
  return facts.crossOriginIsolated ? Math.max(1, Math.min(8, facts.hardwareConcurrency)) : 1;
}

function wasm(facts: DeviceFacts, why: string): ProviderInfo {
  const threads = wasmThreads(facts);
  const adapter = threads === 1 ? '1 thread' : `${threads} threads`;
  const single = facts.crossOriginIsolated
    ? ''
    : ' The server does not send COOP/COEP headers with the page, so WebAssembly has no threads.';
  return {
    provider: 'wasm',
    adapter,
    reason: `${why} running on ${threadsOf(facts)}.${single}`,
  };
}

/** How the providers that need an adapter are called in a sentence. */
const GPU_PROVIDERS: Readonly<Record<Exclude<Provider, 'wasm'>, string>> = {
  wgsl: "Organscope's own kernels",
  hybrid: "ONNX Runtime's WebGPU provider with Organscope's attention kernels",
  webgpu: "ONNX Runtime's WebGPU provider",
};

/** Milliseconds for people: '0.43 ms', '12 ms'. */
const inMs = (ms: number) => `${ms < 10 ? ms.toPrecision(2) : Math.round(ms)} ms`;

const threadsOf = (facts: DeviceFacts) => {
  const threads = wasmThreads(facts);
  return threads === 1 ? '1 CPU thread' : `${threads} CPU threads`;
};

/** 'auto' with an adapter: what was measured decides; without a measurement, whether the adapter is a real one. */
function decideByMeasurement(facts: DeviceFacts, adapter: AdapterFacts, speeds: Speeds | null): ProviderInfo {
  const name = describeAdapter(adapter);
  const software = softwareAdapterName(adapter);
  const called = software ? `the WebGPU adapter, a software one (${software})` : name;
  if (!speeds) {
    const why = 'This adapter could not be measured';
    if (software) return wasm(facts, `${why}, but a software one (${software}) is slower than WebAssembly;`);
    return { provider: 'wgsl', adapter: name, reason: `${why}. Running ${GPU_PROVIDERS.wgsl} on ${name}.` };
  }
  const { gpuMs, gpuAtLeast, cpuMs } = speeds;
  const onGpu = `${gpuAtLeast ? 'at least ' : ''}${inMs(gpuMs)} on ${called}`;
  if (cpuMs !== null && cpuMs <= gpuMs) {
    return wasm(facts, `A test convolution took ${inMs(cpuMs)} on ${threadsOf(facts)}, ${onGpu};`);
  }
  const onCpu = cpuMs === null ? `less than ${threadsOf(facts)} can reach` : `${inMs(cpuMs)} on ${threadsOf(facts)}`;
  return {
    provider: 'wgsl',
    adapter: name,
    reason: `Running ${GPU_PROVIDERS.wgsl}: a test convolution took ${onGpu}, ${onCpu}.`,
  };
}

/**
 * Decides where the network runs. Pure: the same facts always give the same answer.
 * @param speeds what `measureMachine` found, for 'auto'; null when there was nothing to measure or it failed
 * @throws UnsupportedDeviceError when a provider on the graphics adapter was asked for and there is none
 */
export function decideProvider(choice: ProviderChoice, facts: DeviceFacts, speeds: Speeds | null = null): ProviderInfo {
  const { adapter } = facts;
  if (choice === 'wasm') return wasm(facts, 'You chose WebAssembly;');
  if (!adapter) {
    const why = facts.webgpu
      ? 'This browser supports WebGPU but offers no graphics adapter'
      : 'This browser has no WebGPU';
    if (choice !== 'auto') {
      throw new UnsupportedDeviceError(
        'no-webgpu',
        `${why}. Choose "auto" or "wasm" to run on the CPU, or enable WebGPU and hardware acceleration in the browser's settings.`,
      );
    }
    return wasm(facts, `${why};`);
  }
  if (choice === 'auto') return decideByMeasurement(facts, adapter, speeds);
  const name = describeAdapter(adapter);
  const slow = softwareAdapterName(adapter)
    ? ' It is a software adapter: expect it to be slower than WebAssembly.'
    : '';
  return { provider: choice, adapter: name, reason: `You chose ${GPU_PROVIDERS[choice]}; running on ${name}.${slow}` };
}

/** Failures for want of graphics memory: no other path on the same adapter takes less. */
const MEMORY_CODES = ['gpu-memory', 'gpu-limit', 'volume-too-large'];

/**
 * What 'auto' tries when a provider failed: ONNX Runtime's kernels on the same adapter, if it is a real one and has the
 * memory, then the processor.
 * @param error what went wrong; the reason begins with it
 * @returns null when there is nothing left to try, or the fault is not the provider's
 */
export function nextProvider(failed: ProviderInfo, facts: DeviceFacts, error: unknown): ProviderInfo | null {
  if (failed.provider === 'wasm' || error instanceof CancelledError) return null;
  const isMemory = error instanceof AppError && MEMORY_CODES.includes(error.code);
  if (error instanceof InvalidInputError && !isMemory) return null;
  const why = whatHappened(error);
  const { adapter } = facts;
  if (!isMemory && failed.provider === 'wgsl' && adapter && !softwareAdapterName(adapter)) {
    return { ...failed, provider: 'webgpu', reason: `${why} Instead: ${GPU_PROVIDERS.webgpu} on ${failed.adapter}.` };
  }
  const { adapter: threads } = wasm(facts, '');
  return { provider: 'wasm', adapter: threads, reason: `${why} Instead: ${threadsOf(facts)}.` };
}

const whatHappened = (error: unknown): string =>
  withoutAdvice((error instanceof Error ? error.message : String(error)).split('\n')[0]);

/**
 * Where a run that failed begins again, from the start: a device that was lost or refused work is opened again once,
 * whoever chose it; after that, and after every other failure of a provider that 'auto' chose, it is the next one's turn.
 * @param failed what it ran on
 * @param reopened whether that was opened again in this run already
 * @returns null when the failure is to be reported
 */
export function recovery(
  choice: ProviderChoice,
  failed: ProviderInfo,
  facts: DeviceFacts,
  error: unknown,
  reopened: boolean,
): ProviderInfo | null {
  if (error instanceof GpuLostError && !reopened) {
    return { ...failed, reason: `${failed.reason} ${whatHappened(error)} The run was started again.` };
  }
  return choice === 'auto' ? nextProvider(failed, facts, error) : null;
}

/** Asks the browser for the facts. */
export async function probeDevice(): Promise<DeviceFacts> {
  const adapter = await requestAdapter();
  return {
    webgpu: (navigator.gpu as GPU | undefined) !== undefined,
    adapter: adapter && adapterFacts(adapter),
    hardwareConcurrency: navigator.hardwareConcurrency ?? 1,
    crossOriginIsolated: globalThis.crossOriginIsolated === true,
  };
}

/**
 * Decides for this machine, measuring it if the choice is ours.
 * @throws as decideProvider
 */
export async function chooseProvider(
  choice: ProviderChoice,
  facts: DeviceFacts,
  ortUrl: string,
): Promise<ProviderInfo> {
  const { adapter } = facts;
  const isOurs = choice === 'auto' && adapter !== null;
  return decideProvider(choice, facts, isOurs ? await measureMachine(adapter, wasmThreads(facts), ortUrl) : null);
}
