/** One segment request from start to end: provider, model, windows. Keeps the loaded session for the next request. */
import { CancelledError, InvalidInputError } from '../../core/errors';
import { followedBy } from '../../core/messages';
import { releaseAfter } from '../../core/release';
import type { ModelLibrary } from '../../models/library';
import { loadModel } from '../../models/loadModel';
import type { Manifest } from '../../models/manifest';
import { judged, suitability } from '../../models/suitability';
import type { LoadedModel } from '../../models/weights';
import type { Phase, Progress, ProviderInfo, SegmentResult, SelfTestAnswer, SelfTestInput } from '../protocol';
import type { WindowExecutor } from '../windows/contract';
import { chooseProvider, type DeviceFacts, probeDevice, recovery } from './chooseProvider';
import { machineMeasurements } from './describeDevice';
import { dryRun } from './dryRun';
import { everyPercent } from './everyPercent';
import { openExecutor, type RunOn } from './openExecutor';
import { costOf, expectation, runOf } from './planRun';
import { withPrecision } from './precision';
import type { SegmentEvents, SegmentRequest } from './requests';
import { keepRun } from './runHistory';
import { segmentVolume } from './segmentVolume';
import { compareWindow, forgetAnswer, keepAnswer, keptAnswer, referenceOf } from './selfTest';

/** One try of a run. */
interface Attempt {
  readonly key: string;
  readonly facts: DeviceFacts;
  readonly chosen: ProviderInfo;
  /** Where it runs instead, after an earlier attempt failed. */
  readonly instead: ProviderInfo | null;
  /** Set when the network is open: what fails from then on is not the scan's fault or the model file's. */
  executor: WindowExecutor | null;
}

interface OpenSession {
  /** Same key, same session: model folder, provider, whether that was asked for, and precision. */
  readonly key: string;
  readonly manifest: Manifest;
  readonly executor: WindowExecutor;
  /** Where another provider than the chosen one had to stand in: which and why. */
  readonly standIn: ProviderInfo | null;
}

/** What a job asks of the machine; tests bring their own. */
export interface Machine {
  readonly probeDevice: typeof probeDevice;
  readonly chooseProvider: typeof chooseProvider;
  readonly openExecutor: typeof openExecutor;
  readonly loadModel: typeof loadModel;
}

const THIS_MACHINE: Machine = { probeDevice, chooseProvider, openExecutor, loadModel };

export class SegmentJob {
  private session: OpenSession | null = null;

  /** @param library models kept in this browser, null where it keeps none */
  constructor(
    private readonly library: () => Promise<ModelLibrary | null>,
    private readonly machine: Machine = THIS_MACHINE,
  ) {}

  /**
   * A run whose device fails begins again, from the phase 'prepare', as `recovery` says; `events` then tell the new
   * reason, and all masks come once more.
   * @throws AppError of the class that says who must act; CancelledError after an abort
   */
  async run(request: SegmentRequest, signal: AbortSignal, events: SegmentEvents): Promise<SegmentResult> {
    const { machine } = this;
    const facts = await machine.probeDevice();
    const chosen = await machine.chooseProvider(request.provider, facts, request.ortUrl);
    // The choice is part of it: what stands in for a provider of ours must not stand in for one that was asked for.
    const key = `${request.provider} ${chosen.provider} ${request.precision} ${request.modelUrl}`;
    let instead: ProviderInfo | null = null;
    let isReopened = false;
    let isForThisScan = false;
    let first: { readonly error: unknown } | null = null;
    for (;;) {
      const attempt: Attempt = { key, facts, chosen, instead, executor: null };
      try {
        const result = await this.attempt(request, signal, events, attempt);
        // Another scan may fit where this one did not.
        if (isForThisScan) await this.close().catch(() => undefined);
        return result;
      } catch (error) {
        const failed = attempt.executor?.info;
        // What does not open again is not what happened first.
        if (!failed) throw error instanceof CancelledError || !first ? error : first.error;
        if (error instanceof CancelledError) throw error;
        // A session that failed is not trusted again; a cancelled one is fine.
        await this.close().catch(() => undefined);
        if (signal.aborted) throw new CancelledError();
        instead = recovery(request.provider, failed, facts, error, isReopened);
        if (!instead) throw error;
        isForThisScan ||= error instanceof InvalidInputError;
        isReopened ||= instead.provider === failed.provider;
        first ??= { error };
      }
    }
  }

  private async attempt(
    request: SegmentRequest,
    signal: AbortSignal,
    events: SegmentEvents,
    on: Attempt,
  ): Promise<SegmentResult> {
    let info = on.instead ?? on.chosen;
    const told = () => withPrecision(info, request.precision);
    const startedAt = performance.now();
    let model: LoadedModel | null = null;
    const load = async (): Promise<LoadedModel> => {
      model ??= await this.machine
        .loadModel(request.modelUrl, {
          library: await this.library(),
          onBytes: everyPercent((done, total) =>
            events.onProgress({ phase: 'load-model', done, total, secondsLeft: null }, told()),
          ),
          signal,
        })
        .catch((error) => {
          throw signal.aborted ? new CancelledError() : error;
        });
      return model;
    };
    await this.closeUnless(on.key);
    const manifest = this.session?.manifest ?? (await load()).manifest;
    const loadMs = performance.now() - startedAt;

    const openSession = async (): Promise<WindowExecutor> => {
      // Its device may have gone since: while nothing ran, or while the scan was prepared.
      await this.closeUnless(on.key);
      if (!this.session) {
        const executor = await this.machine.openExecutor(await load(), request, on.facts, info);
        const standIn = executor.info.provider === on.chosen.provider ? null : executor.info;
        this.session = { key: on.key, manifest, executor, standIn };
      }
      // The reason is this request's, unless another provider had to stand in.
      info = this.session.standIn ?? info;
      on.executor = this.session.executor;
      return on.executor;
    };

    const isFresh = !this.session;
    const known = { facts: on.facts, chosen: info, cost: costOf(manifest), isOpen: !isFresh };
    const expected = await expectation(request, request.volumes[0], manifest, known).catch(() => null);
    const { labels, sizes, timings, memory } = await segmentVolume(request.volumes, manifest, openSession, {
      signal,
      mirror: request.mirror,
      onProgress: (progress) => events.onProgress(progress, told()),
      onSlab: events.onSlab,
      ...(request.preview && { onPreview: events.onPreview }),
    });
    const { note, placement } = on.executor as WindowExecutor;
    // Another provider may have had to stand in.
    const predicted = info.provider === known.chosen.provider ? expected : null;
    const taken = { timings, voxels: labels.data.length, isFresh, expected: predicted };
    const runs = runOf(manifest, info, request.precision, on.facts);
    // What cannot be remembered is no reason to lose a result.
    await keepRun(machineMeasurements(on.facts), runs, taken).catch(() => undefined);
    return {
      labels,
      sizes,
      memory,
      ...(predicted && { predicted }),
      warnings: suitability(manifest, request.volumes.map(judged)),
      placement,
      provider: note ? { ...told(), reason: followedBy(told().reason, note) } : told(),
      timings: {
        ...timings,
        phaseMs: { 'load-model': loadMs, ...timings.phaseMs },
        totalMs: timings.totalMs + loadMs,
      },
    };
  }

  /**
   * Runs a network that nobody has used yet once, on noise.
   * @throws ModelError when it cannot be loaded, or its output is not what its manifest promises or is broken
   */
  async tryOut(model: LoadedModel, where: Omit<RunOn, 'precision'>, signal: AbortSignal): Promise<void> {
    const { machine } = this;
    const facts = await machine.probeDevice();
    // Two networks in memory at once may be one too many; and the open one may be the one that is being replaced.
    await this.close().catch(() => undefined);
    const info = await machine.chooseProvider(where.provider, facts, where.ortUrl);
    const executor = await machine.openExecutor(model, { ...where, precision: 'fp32' }, facts, info);
    try {
      if (signal.aborted) throw new CancelledError();
      await dryRun(executor, model.manifest);
    } catch (error) {
      throw await releaseAfter(error, [() => executor.dispose()]);
    }
    await executor.dispose();
  }

  /**
   * Runs a model's test window on the provider that would run it, and keeps the answer, whatever it is.
   * @throws as opening and running do; ModelError for a model that cannot be loaded
   */
  async selfTest(
    { modelUrl, provider, precision, ortUrl }: SelfTestInput,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<SelfTestAnswer> {
    const { machine } = this;
    const report = (phase: Phase) => onProgress({ phase, done: 0, total: 1, secondsLeft: null });
    report('load-model');
    const [facts, library] = [await machine.probeDevice(), await this.library()];
    const model = await machine.loadModel(modelUrl, { library, signal }).catch((error) => {
      throw signal.aborted ? new CancelledError() : error;
    });
    const info = await machine.chooseProvider(provider, facts, ortUrl);
    const reference = referenceOf(model.manifest);
    if (!reference) {
      const none = { outcome: 'no-reference', error: null, tolerance: null, milliseconds: 0 } as const;
      return { ...none, provider: info, precision, testedAt: new Date().toISOString() };
    }
    await this.close().catch(() => undefined);
    report('compile');
    const kept = machineMeasurements(facts);
    // Forgotten while it is tested: what has failed before would not be opened.
    const before = await keptAnswer(kept, model.manifest, info, precision);
    await forgetAnswer(kept, model.manifest, info, precision);
    try {
      // The provider itself is asked, not what would stand in for it.
      const on = { provider: info.provider, precision, ortUrl };
      const executor = await machine.openExecutor(model, on, facts, info);
      try {
        if (signal.aborted) throw new CancelledError();
        const answer = await compareWindow(executor, model.manifest, reference, precision);
        await keepAnswer(kept, model.manifest, answer);
        return answer;
      } finally {
        await executor.dispose().catch(() => undefined);
      }
    } catch (error) {
      // A device that was refused is not trusted because a later test did not come to an end.
      if (before?.outcome === 'failed') await keepAnswer(kept, model.manifest, before);
      throw error;
    }
  }

  /** Closes a session of another key, or one whose device has failed. */
  private async closeUnless(key: string): Promise<void> {
    const { session } = this;
    // What it was is gone either way; that it could not be released in order helps nobody.
    if (session && (session.key !== key || session.executor.failure)) await this.close().catch(() => undefined);
  }

  private async close(): Promise<void> {
    const { session } = this;
    this.session = null;
    await session?.executor.dispose();
  }
}
