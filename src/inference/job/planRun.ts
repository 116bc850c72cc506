/** What a run would take on this machine, before it: windows, time, memory, download. Loads no weights. */
import { InvalidInputError } from '../../core/errors';
import { knownCost, type NetworkCost } from '../../models/costs';
import type { ModelLibrary } from '../../models/library';
import { loadManifest, storedId } from '../../models/loadModel';
import { type Manifest, outputChannels } from '../../models/manifest';
import type { Grid } from '../../volume/grid';
import type { PlanInput, PlannedMemory, Prediction, ProviderInfo, RunPlan, Span } from '../protocol';
import { gridOf, plannedRuns } from '../schemes/plannedRuns';
import { planCpuMemory } from '../windows/cpu/cpuWindows';
import { linearTaps } from '../windows/geometry/taps';
import { perAxis } from '../windows/geometry/tiling';
import { type MemoryLimits, planMemory } from '../windows/gpu/memoryPlan';
import { type DeviceFacts, wasmThreads } from './chooseProvider';
import { describeDevice, machineMeasurements } from './describeDevice';
import { lastMeasured } from './measureSpeeds';
import { keptRuns, predict, type RunOf } from './runHistory';
import { keptAnswer } from './selfTest';

/**
 * Plans a run.
 * @throws ModelError where the model's manifest cannot be had
 */
export async function planRun(input: PlanInput, library: ModelLibrary | null): Promise<RunPlan> {
  const manifest = await loadManifest(input.modelUrl, library);
  const kept = (await library?.list())?.find(({ id }) => id === (storedId(input.modelUrl) ?? input.modelUrl));
  const report = await describeDevice(input);
  const { adapter, chosen } = report;
  const [scan] = input.volumes;
  const windows = windowsOf(scan, manifest, input.mirror);
  const cost = costOf(manifest, kept?.cost);
  const isSame = kept?.manifest.weights.sha256 === manifest.weights.sha256;
  const facts = { ...report, hardwareConcurrency: report.logicalProcessors };
  return {
    provider: chosen,
    windows,
    prediction: chosen && (await expectation(input, scan, manifest, { facts, chosen, cost })),
    memory: chosen && memoryOf(scan, manifest, chosen, input, cost, adapter?.limits),
    downloadBytes: manifest.weights.bytes - (isSame ? kept.storedBytes : 0),
    gflopPerWindow: cost?.gflopPerWindow ?? null,
    selfTest: chosen && (await keptAnswer(machineMeasurements(facts), manifest, chosen, input.precision)),
  };
}

/** What a model's network costs, where it comes with the page or was added to this browser. */
export const costOf = ({ weights }: Manifest, kept?: NetworkCost | null): NetworkCost | null =>
  knownCost(weights.sha256) ?? kept ?? null;

/** Runs of the network over a scan. */
function windowsOf(scan: Grid, manifest: Manifest, mirror?: boolean): Span {
  const { windows, look, copies, mirrorsByDefault } = plannedRuns(scan, manifest);
  const times = (mirror ?? mirrorsByDefault) ? copies : 1;
  if (windows !== null) return { least: windows * times, most: windows * times };
  const looking = look?.windows ?? 0;
  return { least: looking + times, most: looking + (look?.most ?? 1) * times };
}

interface Expecting {
  readonly facts: DeviceFacts;
  readonly chosen: ProviderInfo;
  readonly cost: NetworkCost | null;
  /** Whether the network is loaded and has run; absent: it is to be opened. */
  readonly isOpen?: boolean;
}

/** What is known about how long a run takes; null where nothing is. */
export async function expectation(
  { precision, mirror }: Pick<PlanInput, 'precision' | 'mirror'>,
  scan: Grid,
  manifest: Manifest,
  { facts, chosen, cost, isOpen }: Expecting,
): Promise<Prediction | null> {
  const [kept, of] = [machineMeasurements(facts), runOf(manifest, chosen, precision, facts)];
  const [past, speeds] = [await keptRuns(kept, of), await lastMeasured(kept, of.threads)];
  const runs = past && { ...past, openMs: isOpen ? 0 : past.openMs };
  const [nx, ny, nz] = scan.dimsXyz;
  return predict(windowsOf(scan, manifest, mirror), nx * ny * nz, chosen.provider, { runs, speeds, cost });
}

/** What runs of a model are told apart by. */
export const runOf = (
  { weights }: Manifest,
  { provider }: ProviderInfo,
  precision: string,
  facts: DeviceFacts,
): RunOf => ({ sha256: weights.sha256, provider, precision, threads: wasmThreads(facts) });

/** null where the run would be refused, or what the network takes is not known. */
function memoryOf(
  scan: Grid,
  manifest: Manifest,
  { provider }: ProviderInfo,
  { precision, mirror }: PlanInput,
  cost: NetworkCost | null,
  limits?: Readonly<Record<string, number>>,
): PlannedMemory | null {
  const { nativeDhw, dimsDhw, tiling } = gridOf(scan, manifest.pipeline, manifest.patchDhw);
  const { copies, mirrorsByDefault } = plannedRuns(scan, manifest);
  const job = {
    ...tiling,
    dimsDhw,
    channels: manifest.channels.length,
    classes: outputChannels(manifest),
    taps: perAxis((axis) => linearTaps(nativeDhw[axis], dimsDhw[axis], tiling.belowDhw[axis])),
    mirrors: Array.from({ length: (mirror ?? mirrorsByDefault) ? copies : 1 }, () => [false, false, false] as const),
  };
  if (provider === 'wasm') return planCpuMemory(job);
  if (!cost || !limits) return null;
  const usesOnnxRuntime = provider !== 'wgsl';
  const bytesAllocated = provider === 'webgpu' ? 0 : cost.bytes[precision];
  try {
    return planMemory(job, { bytesAllocated, usesOnnxRuntime }, limits as unknown as MemoryLimits);
  } catch (error) {
    if (error instanceof InvalidInputError) return null;
    throw error;
  }
}
