/** Which execution provider runs the network, and what tells the user why. */
import {
  AppError,
  asAppError,
  CancelledError,
  GpuLostError,
  InvalidInputError,
  UnsupportedDeviceError,
} from '../../core/errors';
import { firstLines, followedBy, type Message, message } from '../../core/messages';
import { adapterFacts, describeAdapter, describeSoftware, softwareAdapterName } from '../gpu/adapter';
import { requestAdapter } from '../gpu/gpuDevice';
import type { AdapterFacts, Provider, ProviderChoice, ProviderInfo } from '../protocol';
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

/** @param why a clause */
function wasm(facts: DeviceFacts, why: Message): ProviderInfo {
  const runs = message('runs-on-cpu', { why, threads: threadsOf(facts) });
  const reason = facts.crossOriginIsolated ? runs : followedBy(runs, message('no-wasm-threads'));
  return { provider: 'wasm', adapter: wasmAdapter(facts), reason };
}

const wasmAdapter = (facts: DeviceFacts): Message => message('threads', { count: wasmThreads(facts) });

/** How the providers that need an adapter are called in a sentence. */
const GPU_PROVIDERS: Readonly<Record<Exclude<Provider, 'wasm'>, Message>> = {
  wgsl: message('kernels-wgsl'),
  hybrid: message('kernels-hybrid'),
  webgpu: message('kernels-webgpu'),
};

/** Milliseconds for people: '0.43 ms', '12 ms'. */
const inMs = (ms: number) => `${ms < 10 ? ms.toPrecision(2) : Math.round(ms)} ms`;

const threadsOf = (facts: DeviceFacts): Message => message('cpu-threads', { count: wasmThreads(facts) });

/** 'auto' with an adapter: what was measured decides; without a measurement, whether the adapter is a real one. */
function decideByMeasurement(facts: DeviceFacts, adapter: AdapterFacts, speeds: Speeds | null): ProviderInfo {
  const name = describeAdapter(adapter);
  const software = softwareAdapterName(adapter);
  const kernels = GPU_PROVIDERS.wgsl;
  if (!speeds) {
    if (software) return wasm(facts, message('software-not-measured', { software: describeSoftware(software) }));
    return { provider: 'wgsl', adapter: name, reason: message('adapter-not-measured', { kernels, adapter: name }) };
  }
  const { gpuMs, gpuAtLeast, cpuMs } = speeds;
  const threads = threadsOf(facts);
  const where = software ? message('called-software', { software: describeSoftware(software) }) : name;
  const gpu = { time: inMs(gpuMs), where };
  const onGpu = gpuAtLeast ? message('at-least-on', gpu) : message('time-on', gpu);
  const onCpu =
    cpuMs === null
      ? message('less-than-threads', { threads })
      : message('time-on', { time: inMs(cpuMs), where: threads });
  if (cpuMs !== null && cpuMs <= gpuMs) return wasm(facts, message('cpu-faster', { onCpu, onGpu }));
  return { provider: 'wgsl', adapter: name, reason: message('gpu-faster', { kernels, onGpu, onCpu }) };
}

/**
 * Decides where the network runs. Pure: the same facts always give the same answer.
 * @param speeds what `measureMachine` found, for 'auto'; null when there was nothing to measure or it failed
 * @throws UnsupportedDeviceError when a provider on the graphics adapter was asked for and there is none
 */
export function decideProvider(choice: ProviderChoice, facts: DeviceFacts, speeds: Speeds | null = null): ProviderInfo {
  const { adapter } = facts;
  if (choice === 'wasm') return wasm(facts, message('wasm-chosen'));
  if (!adapter) {
    const why = facts.webgpu ? message('browser-without-adapter') : message('browser-without-webgpu');
    if (choice !== 'auto') throw new UnsupportedDeviceError('no-webgpu', { why });
    return wasm(facts, why);
  }
  if (choice === 'auto') return decideByMeasurement(facts, adapter, speeds);
  const name = describeAdapter(adapter);
  const chosen = message('provider-chosen', { kernels: GPU_PROVIDERS[choice], adapter: name });
  const reason = softwareAdapterName(adapter) ? followedBy(chosen, message('software-slow')) : chosen;
  return { provider: choice, adapter: name, reason };
}

/** Failures for want of graphics memory: no other path on the same adapter takes less. */
const MEMORY_CODES = ['gpu-memory', 'gpu-limit', 'graphics-memory-budget', 'graphics-memory-full'];

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
    const reason = message('instead-gpu', { why, kernels: GPU_PROVIDERS.webgpu, adapter: failed.adapter });
    return { ...failed, provider: 'webgpu', reason };
  }
  const reason = message('instead-cpu', { why, threads: threadsOf(facts) });
  return { provider: 'wasm', adapter: wasmAdapter(facts), reason };
}

/**
 * What happened, without what to do about it: the sentence goes on with what was done. Errors whose sentences end in
 * advice carry the rest as their parameter `happened`.
 */
function whatHappened(error: unknown): Message {
  const { code, parameters } = asAppError(error);
  const { happened } = parameters;
  return firstLines(typeof happened === 'object' ? happened : { code, parameters });
}

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
    const again = followedBy(whatHappened(error), message('run-again'));
    return { ...failed, reason: followedBy(failed.reason, again) };
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
