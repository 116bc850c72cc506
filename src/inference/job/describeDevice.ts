/** Everything about this machine that a run depends on, for the user to read and for predictions. */
import { UnsupportedDeviceError } from '../../core/errors';
import { adapterFacts, softwareAdapterName } from '../gpu/adapter';
import { offeredBy, requestAdapter } from '../gpu/gpuDevice';
import { type Measurements, measurementsOf, measurementsOfProcessor } from '../gpu/measurements';
import type { DeviceInput, DeviceReport, MeasuredSpeeds, MeasureProgress, ProviderInfo } from '../protocol';
import { type DeviceFacts, decideProvider, wasmThreads } from './chooseProvider';
import { cpuConvolution, lastMeasured, measureAll, openProbes } from './measureSpeeds';

/** The smallest module with a vector instruction: () -> v128, of i32.const 0 and i8x16.splat. */
const SIMD_MODULE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 5, 1, 0x60, 0, 1, 0x7b],
  ...[3, 2, 1, 0],
  ...[10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x0f, 0x0b],
);

/** What is kept of the machine's measurements as a whole: under its adapter, or its processor where it has none. */
export const machineMeasurements = ({ adapter }: Pick<DeviceFacts, 'adapter'>): Measurements =>
  adapter ? measurementsOf(adapter) : measurementsOfProcessor();

/** Describes this machine as it is now; measures nothing. */
export async function describeDevice({ provider }: Pick<DeviceInput, 'provider'>): Promise<DeviceReport> {
  const [adapter, lowPower] = [await requestAdapter(), await requestAdapter('low-power')];
  const browser = globalThis.navigator as Navigator & { readonly deviceMemory?: number };
  const facts: DeviceFacts = {
    webgpu: (browser.gpu as GPU | undefined) !== undefined,
    adapter: adapter && adapterFacts(adapter),
    hardwareConcurrency: browser.hardwareConcurrency ?? 1,
    crossOriginIsolated: globalThis.crossOriginIsolated === true,
  };
  const speeds = await lastMeasured(machineMeasurements(facts), wasmThreads(facts));
  const other = lowPower && adapterFacts(lowPower);
  return {
    webgpu: facts.webgpu,
    adapter: adapter &&
      facts.adapter && { ...facts.adapter, software: softwareAdapterName(facts.adapter), ...offeredBy(adapter) },
    lowPowerAdapter: JSON.stringify(other) === JSON.stringify(facts.adapter) ? null : other,
    logicalProcessors: facts.hardwareConcurrency,
    crossOriginIsolated: facts.crossOriginIsolated,
    wasmThreads: wasmThreads(facts),
    wasmSimd: WebAssembly.validate(SIMD_MODULE),
    deviceMemoryGb: browser.deviceMemory ?? null,
    privateFileSystem: await hasPrivateFiles(),
    chosen: choiceWithout(provider, facts, speeds),
    speeds,
  };
}

/** Measures this machine anew, in about a second on hardware, and describes it. @throws what measuring throws */
export async function measureDevice(
  input: DeviceInput,
  onProgress: (progress: MeasureProgress) => void,
): Promise<DeviceReport> {
  const { adapter, wasmThreads: threads } = await describeDevice(input);
  const open = adapter ? () => openProbes(threads, input.ortUrl) : null;
  const cpuMs = () => cpuConvolution(threads, input.ortUrl);
  await measureAll(open, cpuMs, threads, machineMeasurements({ adapter }), (step, done, total) =>
    onProgress({ step, done, total }),
  );
  return describeDevice(input);
}

/** The provider that a run would choose by what is known; null where it would have to measure first, or cannot run. */
export function choiceWithout(
  provider: DeviceInput['provider'],
  facts: DeviceFacts,
  speeds: MeasuredSpeeds | null,
): ProviderInfo | null {
  const known = speeds && speeds.gpuMs !== null ? { ...speeds, gpuMs: speeds.gpuMs } : null;
  if (provider === 'auto' && facts.adapter && !known) return null;
  try {
    return decideProvider(provider, facts, known);
  } catch (error) {
    if (error instanceof UnsupportedDeviceError) return null;
    throw error;
  }
}

/** Firefox's private windows have it and refuse it. */
async function hasPrivateFiles(): Promise<boolean> {
  try {
    return (await navigator.storage.getDirectory()) !== undefined;
  } catch {
    return false;
  }
}
