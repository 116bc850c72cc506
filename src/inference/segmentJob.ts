/** One segment request from start to end: provider, model, windows. Keeps the loaded session for the next request. */
import { CancelledError } from '../errors';
import { chooseProvider, type DeviceFacts, nextProvider, probeDevice, wasmThreads } from './backend/chooseProvider';
import { openOrtBackend } from './backend/ort';
import { withPrecision } from './backend/precision';
import { openGpuExecutor } from './backend/wgsl';
import { dryRun } from './model/dryRun';
import type { ModelLibrary } from './model/library';
import { loadModel } from './model/loadModel';
import { type Manifest, outputChannels } from './model/manifest';
import type { LoadedModel } from './model/weights';
import type { ProviderInfo, SegmentResult } from './protocol';
import { segmentVolume } from './segmentVolume';
import type { SegmentEvents, SegmentRequest } from './serve';
import { CpuWindows } from './sliding-window/cpuWindows';
import type { WindowExecutor } from './sliding-window/executor';
import { judged, suitability } from './suitability';

interface OpenSession {
  /** Same key, same session: model folder, provider, whether that was asked for, and precision. */
  readonly key: string;
  readonly manifest: Manifest;
  readonly executor: WindowExecutor;
}

/** Progress messages for a 20 MB download would be hundreds; one per percent is enough. */
function everyPercent(report: (done: number, total: number) => void): (done: number, total: number) => void {
  let last = -1;
  return (done, total) => {
    const percent = Math.floor((100 * done) / total);
    if (percent !== last) report(done, total);
    last = percent;
  };
}

/** Where a network is asked to run. */
type RunOn = Pick<SegmentRequest, 'provider' | 'precision' | 'ortUrl'>;

/**
 * Opens a network on `info`. When that was our choice, it is tried on noise first, and a provider that fails is followed
 * by the next; executor.info tells which one it became, and why.
 */
async function openExecutor(
  { manifest, bytes }: LoadedModel,
  { provider, precision, ortUrl }: RunOn,
  facts: DeviceFacts,
  info: ProviderInfo,
): Promise<WindowExecutor> {
  const open = async (on: ProviderInfo): Promise<WindowExecutor> => {
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
    const executor = await openGpuExecutor({ ...options, precision });
    if (provider !== 'auto') return executor;
    return dryRun(executor, manifest).then(
      () => executor,
      async (error) => {
        await executor.dispose();
        throw error;
      },
    );
  };
  for (let on = info; ; ) {
    try {
      return await open(on);
    } catch (error) {
      const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
      const next = provider === 'auto' ? nextProvider(on, facts, why) : null;
      if (!next) throw error;
      on = next;
    }
  }
}

export class SegmentJob {
  private session: OpenSession | null = null;

  /** @param library models kept in this browser, null where it keeps none */
  constructor(private readonly library: () => Promise<ModelLibrary | null>) {}

  /** @throws AppError of the class that says who must act; CancelledError after an abort */
  async run(request: SegmentRequest, signal: AbortSignal, events: SegmentEvents): Promise<SegmentResult> {
    const facts = await probeDevice();
    let info = await chooseProvider(request.provider, facts, request.ortUrl);
    // The choice is part of it: what stands in for a provider of ours must not stand in for one that was asked for.
    const key = `${request.provider} ${info.provider} ${request.precision} ${request.modelUrl}`;
    const told = () => withPrecision(info, request.precision);
    const startedAt = performance.now();
    let model: LoadedModel | null = null;
    if (this.session?.key !== key) {
      await this.close();
      model = await loadModel(request.modelUrl, {
        library: await this.library(),
        onBytes: everyPercent((done, total) =>
          events.onProgress({ phase: 'load-model', done, total, secondsLeft: null }, told()),
        ),
        signal,
      }).catch((error) => {
        throw signal.aborted ? new CancelledError() : error;
      });
    }
    const loadMs = performance.now() - startedAt;
    const manifest = model?.manifest ?? (this.session as OpenSession).manifest;

    const openSession = async (): Promise<WindowExecutor> => {
      const executor = this.session?.executor ?? (await openExecutor(model as LoadedModel, request, facts, info));
      // The reason is this request's, unless another provider had to stand in.
      if (executor.info.provider !== info.provider) info = executor.info;
      this.session = { key, manifest, executor };
      return executor;
    };

    try {
      const { labels, sizes, timings, memory } = await segmentVolume(request.volumes, manifest, openSession, {
        signal,
        mirror: request.mirror,
        onProgress: (progress) => events.onProgress(progress, told()),
        onSlab: events.onSlab,
      });
      const { note, placement } = (this.session as OpenSession).executor;
      return {
        labels,
        sizes,
        memory,
        warnings: suitability(manifest, request.volumes.map(judged)),
        placement,
        provider: note ? { ...told(), reason: `${told().reason} ${note}` } : told(),
        timings: {
          ...timings,
          phaseMs: { 'load-model': loadMs, ...timings.phaseMs },
          totalMs: timings.totalMs + loadMs,
        },
      };
    } catch (error) {
      // A session that failed is not trusted again; a cancelled one is fine.
      if (!(error instanceof CancelledError)) await this.close();
      throw error;
    }
  }

  /**
   * Runs a network that nobody has used yet once, on noise.
   * @throws ModelError when it cannot be loaded, or its output is not what its manifest promises or is broken
   */
  async tryOut(model: LoadedModel, where: Omit<RunOn, 'precision'>, signal: AbortSignal): Promise<void> {
    const facts = await probeDevice();
    // Two networks in memory at once may be one too many; and the open one may be the one that is being replaced.
    await this.close();
    const info = await chooseProvider(where.provider, facts, where.ortUrl);
    const executor = await openExecutor(model, { ...where, precision: 'fp32' }, facts, info);
    try {
      if (signal.aborted) throw new CancelledError();
      await dryRun(executor, model.manifest);
    } finally {
      await executor.dispose();
    }
  }

  private async close(): Promise<void> {
    const { session } = this;
    this.session = null;
    await session?.executor.dispose();
  }
}
