/**
 * Scan in, labels out: prepare -> windows -> finish, with the network injected. Pure orchestration, tested in Node with
 * a fake network; `python -m unetrpp.predict` (scripts/export-onnx) follows the same steps.
 *
 *   prepare.ts            native voxels -> RAS order -> model spacing; which intensities become 0 and 1
 *   firstLook             a coarse run over all of the scan -> the part to segment, where the model asks
 *   windows/              windows -> softmax, weighted sum -> probabilities -> native grid, argmax, slab by slab
 *   nativeBox             slab -> box of labels in native voxel order
 *   steps/                what is done to the labels of the whole scan afterwards, where the model asks
 */
import { CancelledError } from '../../core/errors';
import { withPauses } from '../../core/steps';
import { nativeBox } from '../../volume/axisOrder';
import { type LabelBox, writeBox } from '../../volume/labelBox';
import { type LabelSize, labelVolumes } from '../../volume/statistics';
import type { LabelVolume, Volume } from '../../volume/volume';
import type { Phase, PlannedMemory, Progress, Timings } from '../protocol';
import { type PipelineManifest, type PrepareOptions, prepare } from '../schemes/prepare';
import { type Part, previewOf } from '../schemes/preview';
import {
  type PlaneCertainty,
  type RunHooks,
  type WindowExecutor,
  type WindowJob,
  windowCount,
} from '../windows/contract';
import { runVoxelSteps } from './steps/steps';

export interface SegmentVolumeOptions extends PrepareOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /**
   * Told about labels while the run goes on; what no box covers is background. Final but for islands and an uncertain
   * base, which are only known when all is done.
   */
  readonly onSlab?: (box: LabelBox) => void;
  /** Asks for labels of the middle before all else, where that is cheap; told about them. Later slabs correct them. */
  readonly onPreview?: (box: LabelBox) => void;
}

/** Lets waiting messages in (a cancel, above all): WebAssembly runs leave no gap of their own. */
const letMessagesIn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** Measures phases one after another and reports them; one clock for progress and timings. */
class Clock {
  readonly phaseMs: Partial<Record<Phase, number>> = {};
  /** Known once the network is loaded; part of every report from then on. */
  memory?: PlannedMemory;
  private readonly startedAt = performance.now();
  private phaseStartedAt = this.startedAt;

  constructor(private readonly options: SegmentVolumeOptions) {}

  /** Reports, then waits until messages got through; throws when one of them was a cancel. */
  async report(phase: Phase, done: number, total: number, secondsLeft: number | null = null): Promise<void> {
    const { memory } = this;
    this.options.onProgress?.({ phase, done, total, secondsLeft, ...(memory && { memory }) });
    await this.pause();
  }

  /** Waits until messages got through; throws when one of them was a cancel. */
  readonly pause = async (): Promise<void> => {
    await letMessagesIn();
    if (this.options.signal?.aborted) throw new CancelledError();
  };

  /** @returns milliseconds since the last end */
  end(phase: Phase): number {
    const now = performance.now();
    const ms = now - this.phaseStartedAt;
    this.phaseMs[phase] = (this.phaseMs[phase] ?? 0) + ms;
    this.phaseStartedAt = now;
    return ms;
  }

  get totalMs(): number {
    return performance.now() - this.startedAt;
  }
}

/**
 * Segments one scan, or several that are the channels of one input.
 * @param volumes one per channel of the model, in its order, all on one grid
 * @param openExecutor loads the network; called after the scan has proved usable
 * @returns labels on the scan's own grid and voxel order, and their sizes; timings without 'load-model'; the memory that
 *   was planned
 * @throws InvalidInputError for scans without contrast or too large for memory, ModelError when the network's output is
 *   broken, CancelledError at most two windows after `signal` aborts
 */
export async function segmentVolume(
  volumes: readonly Volume[],
  manifest: PipelineManifest,
  openExecutor: () => Promise<WindowExecutor>,
  options: SegmentVolumeOptions = {},
): Promise<{
  labels: LabelVolume;
  sizes: ReadonlyMap<number, LabelSize>;
  timings: Timings;
  memory: PlannedMemory;
}> {
  const clock = new Clock(options);
  await clock.report('prepare', 0, 1);
  const prepared = await withPauses(prepare(volumes, manifest, options), clock.pause);
  clock.end('prepare');

  await clock.report('compile', 0, 1);
  const executor = await openExecutor();
  clock.end('compile');
  const { firstLook } = prepared;
  const { job, output } = firstLook
    ? await withPauses(firstLook.within(await lookAt(firstLook.job, executor, clock)), clock.pause)
    : prepared;
  const memory = executor.plan(job);
  clock.memory = memory;
  if (options.onPreview) await showMiddle(previewOf({ job, output }), executor, clock, options.onPreview);

  const { dimsXyz, spacingXyz, affine, forms } = volumes[0];
  const labels: LabelVolume = { dimsXyz, spacingXyz, affine, forms, data: new Uint8Array(volumes[0].data.length) };
  const certainties: PlaneCertainty[] = [];
  const windowMs = await runWindows('infer', job, executor, clock, {
    onCertainty(plane, certainty) {
      certainties[plane] = certainty;
    },
    onSlab(firstPlane, slab) {
      const box = nativeBox(output, firstPlane, slab);
      writeBox(labels, box);
      options.onSlab?.(box);
    },
  });
  await withPauses(runVoxelSteps({ manifest, job, labels, certainties, output }), clock.pause);
  const sizes = labelVolumes(labels);
  clock.end('finish');

  const timings = {
    phaseMs: clock.phaseMs,
    totalMs: clock.totalMs,
    windows: windowMs.length,
    medianWindowMs: typicalMs(windowMs),
  };
  return { labels, sizes, timings, memory };
}

/** All labels of a job whose output grid is its model grid. */
async function lookAt(job: WindowJob, executor: WindowExecutor, clock: Clock): Promise<Uint8Array<ArrayBuffer>> {
  const [depth, height, width] = job.dimsDhw;
  const labels = new Uint8Array(depth * height * width);
  const onSlab: RunHooks['onSlab'] = (firstPlane, slab) => labels.set(slab, firstPlane * height * width);
  await runWindows('look', job, executor, clock, { onSlab });
  clock.end('look');
  return labels;
}

/** Runs the parts of a preview, nearest first. */
async function showMiddle(
  parts: readonly Part[],
  executor: WindowExecutor,
  clock: Clock,
  onPreview: (box: LabelBox) => void,
): Promise<void> {
  for (const [before, { job, output }] of parts.entries()) {
    const onSlab: RunHooks['onSlab'] = (plane, slab) => onPreview(nativeBox(output, plane, slab));
    await runWindows('preview', job, executor, clock, { onSlab }, { before, total: parts.length });
  }
  if (parts.length > 0) clock.end('preview');
}

/**
 * Runs a job with its windows reported and timed as `running`.
 * @returns milliseconds of each window
 */
async function runWindows(
  running: 'look' | 'preview' | 'infer',
  job: WindowJob,
  executor: WindowExecutor,
  clock: Clock,
  hooks: Omit<RunHooks, 'onWindow'>,
  { before, total } = { before: 0, total: windowCount(job) },
): Promise<number[]> {
  const windowMs: number[] = [];
  // The first window of a fresh session compiles every GPU pipeline; it counts as compiling, not as speed.
  let phase: Phase = executor.warm ? running : 'compile';
  await executor.run(job, {
    ...hooks,
    async onWindow(finished) {
      const news = finished - windowMs.length;
      if (news > 0) {
        const ms = clock.end(phase);
        for (let i = 0; i < news; i++) windowMs.push(ms / news);
        phase = running;
      }
      if (phase === 'compile') return clock.report(phase, 0, 1);
      // How long a first look takes says nothing about what it leaves to do.
      const isTelling = running === 'infer' && finished > 0;
      await clock.report(
        phase,
        before + finished,
        total,
        isTelling ? ((total - finished) * typicalMs(windowMs)) / 1000 : null,
      );
      if (running === 'infer' && finished === total) await clock.report('finish', 0, 1);
    },
  });
  return windowMs;
}

/** Median without the first window, which compiles, where there is another. */
const typicalMs = (windowMs: readonly number[]) => median(windowMs.length > 1 ? windowMs.slice(1) : windowMs);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
