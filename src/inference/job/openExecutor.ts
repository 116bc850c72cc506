/** A network on the provider that was chosen, or, where that was our choice, on the first one that works. */

import { releaseAfter } from '../../core/release';
import { outputChannels } from '../../models/manifest';
import type { LoadedModel } from '../../models/weights';
import { openEngine } from '../network/engine/openEngine';
import { openOrtBackend } from '../network/ort/ort';
import type { Precision, ProviderChoice, ProviderInfo } from '../protocol';
import type { WindowExecutor } from '../windows/contract';
import { CpuWindows } from '../windows/cpu/cpuWindows';
import { GpuWindows } from '../windows/gpu/gpuWindows';
import { type DeviceFacts, nextProvider, wasmThreads } from './chooseProvider';
import { machineMeasurements } from './describeDevice';
import { dryRun } from './dryRun';
import { compareWindow, keepAnswer, keptAnswer, referenceOf, requirePassed } from './selfTest';

/** Where a network is asked to run. */
export interface RunOn {
  readonly provider: ProviderChoice;
  readonly precision: Precision;
  readonly ortUrl: string;
}

/**
 * Opens a network on `info`. When that was our choice, it is tried on noise first, and a provider that fails is followed
 * by the next; executor.info tells which one it became, and why.
 * @throws what opening throws, of the last provider that was tried
 */
export async function openExecutor(
  { manifest, bytes }: LoadedModel,
  { provider, precision, ortUrl }: RunOn,
  facts: DeviceFacts,
  info: ProviderInfo,
): Promise<WindowExecutor> {
  const kept = machineMeasurements(facts);
  const open = async (on: ProviderInfo): Promise<WindowExecutor> => {
    // What has once computed something else is not asked again until the answer is forgotten or tested anew.
    const answer = await keptAnswer(kept, manifest, on, precision);
    requirePassed(answer);
    const options = {
      info: on,
      threads: wasmThreads(facts),
      ortUrl,
      model: bytes,
      channels: manifest.channels.length,
      classes: outputChannels(manifest),
      patchDhw: manifest.patchDhw,
    };
    if (on.provider === 'wasm') return new CpuWindows(await openOrtBackend(options));
    const { owned, engine, ...told } = await openEngine({ ...options, precision });
    console.info(told.placement);
    const executor = new GpuWindows(on, owned, engine, told);
    if (provider !== 'auto') return executor;
    try {
      const reference = referenceOf(manifest);
      if (answer || !reference) {
        await dryRun(executor, manifest);
        return executor;
      }
      // A window is run anyway: the first time it is one whose answer is known.
      const given = await compareWindow(executor, manifest, reference, precision);
      await keepAnswer(kept, manifest, given);
      requirePassed(given);
      return executor;
    } catch (error) {
      throw await releaseAfter(error, [() => executor.dispose()]);
    }
  };
  for (let on = info; ; ) {
    try {
      return await open(on);
    } catch (error) {
      const next = provider === 'auto' ? nextProvider(on, facts, error) : null;
      if (!next) throw error;
      on = next;
    }
  }
}
