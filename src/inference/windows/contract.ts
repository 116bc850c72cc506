/**
 * The seam between a scan and a network: what is run (a `WindowJob`, made by a scheme), and who runs it (a
 * `WindowExecutor`: cpu/cpuWindows.ts for networks in CPU memory, gpu/gpuWindows.ts for those on a GPU). Both are the same
 * arithmetic: windows -> softmax -> weighted sum on the model grid -> interpolate to the output grid -> first largest.
 */
import type { AppError } from '../../core/errors';
import type { Message } from '../../core/messages';
import type { Triple } from '../../volume/grid';
import type { PlannedMemory, ProviderInfo } from '../protocol';
import type { Mirror } from './geometry/mirror';
import type { Taps } from './geometry/taps';
import type { Tiling } from './geometry/tiling';

/** normalised = clamp((value - offset) * scale, low, high), one channel. */
export interface IntensityMap {
  readonly offset: number;
  readonly scale: number;
  readonly low: number;
  readonly high: number;
}

/** 'softmax' over the channels of a voxel, 'sigmoid' of each by itself, 'none': the logits as they are. */
export type Activation = 'softmax' | 'sigmoid' | 'none';

/** How the network's output channels become labels. */
export interface Reading {
  /** Applied to a window's logits before they are averaged. */
  readonly perWindow: Activation;
  /** Applied to the averages on the model grid, before they are interpolated. */
  readonly perVoxel: Activation;
  /**
   * null: the label is the first largest channel. Otherwise channel i is a region, and label order[i] is written where it
   * is above `threshold`; later ones overwrite earlier ones, and what no region covers is 0.
   */
  readonly regions: { readonly order: readonly number[]; readonly threshold: number } | null;
}

/** Class probabilities, the most probable class wins: what a job without `reading` means. */
export const PLAIN_READING: Reading = { perWindow: 'softmax', perVoxel: 'none', regions: null };

/** One volume to run a network over. Axes are D, H, W; the windows are the Cartesian product of the axes' windows. */
export interface WindowJob extends Tiling {
  readonly channels: number;
  readonly classes: number;
  /** The model grid, not normalised yet: (channels, D, H, W). */
  readonly values: Float32Array<ArrayBuffer>;
  /** D, H, W of `values`. */
  readonly dimsDhw: Triple;
  /** One per channel, applied when a window is cut. Beyond the grid a window holds 0. */
  readonly intensities: readonly IntensityMap[];
  /** How the output grid reads the padded grid. */
  readonly taps: readonly [Taps, Taps, Taps];
  /** Absent: PLAIN_READING. */
  readonly reading?: Reading;
  /** Every window is run once per entry and the results averaged. Absent: once, not mirrored. */
  readonly mirrors?: readonly Mirror[];
  /** In windows reversed along W class c stands for class exchange[c], which stands for c: left and right. Absent: for itself. */
  readonly exchange?: readonly number[];
  /** The base of what is labelled must be as certain as this, 0 to 1 (job/steps/uncertainBase.ts); asks for `onCertainty`. */
  readonly baseCertainty?: number;
}

/** Whether the sums need their weights beside them, to be divided by. */
export const isCounted = ({ weightFloor }: Pick<WindowJob, 'weightFloor'>): boolean => weightFloor !== undefined;

/** How sure a plane of the model grid is that what it labels is anything at all. */
export interface PlaneCertainty {
  /** Voxels whose first largest class is not background. */
  readonly labelled: number;
  /** One minus the probability of background, summed over them. */
  readonly certainty: number;
}

/** What a run tells while it goes on. */
export interface RunHooks {
  /** Awaited before each run of the network and once after the last, with the number finished; rejecting ends the run. */
  readonly onWindow: (finished: number) => Promise<void>;
  /**
   * Final labels of planes firstPlane .. of the output grid, (planes, H, W), in ascending order without gaps.
   * The array is the callee's to keep.
   */
  readonly onSlab: (firstPlane: number, labels: Uint8Array<ArrayBuffer>) => void;
  /**
   * Averages of one plane of the padded grid that no window will touch any more, (H, W, C), a copy, in ascending order;
   * `perVoxel` has been applied. For comparing stages: executors whose averages stay on a GPU do not call it.
   */
  readonly onAverages?: (plane: number, values: Float32Array) => void;
  /** Asks for some logits of every window, by their places in (classes, D, H, W), as the network gave them. */
  readonly logits?: { readonly at: readonly number[]; tell(values: Float32Array): void };
  /** Every plane of the model grid once, in ascending order, before the run ends; for a job with `baseCertainty` only. */
  readonly onCertainty?: (plane: number, certainty: PlaneCertainty) => void;
}

/** A loaded network that can be run over volumes, one at a time. */
export interface WindowExecutor {
  readonly info: ProviderInfo;
  /** What opening or running has shown that the user should know, as whole sentences. */
  readonly note?: Message;
  /** Where each node of the model went, as a table to read; absent where ONNX Runtime has the whole model. */
  readonly placement?: string;
  /** Whether a window has run before: the first one compiles GPU pipelines and says nothing about speed. */
  readonly warm: boolean;
  /** Why it cannot run any more, though nothing was running; null or absent while it can. Ended by `dispose`. */
  readonly failure?: AppError | null;
  /** What `run` would take. @throws InvalidInputError('graphics-memory-budget') when that is too much */
  plan(job: WindowJob): PlannedMemory;
  /**
   * @throws whatever a hook rejected with, at most two windows later; ModelError when the network's output is broken;
   *   GpuLostError when the device went away or refused work, even of a window that is done. No memory of the job is held afterwards, however it ends.
   */
  run(job: WindowJob, hooks: RunHooks): Promise<void>;
  dispose(): Promise<void>;
}

/** Runs of the network: windows, times the mirrored copies of each. */
export const windowCount = ({ starts, mirrors }: Pick<WindowJob, 'starts' | 'mirrors'>): number =>
  starts[0].length * starts[1].length * starts[2].length * (mirrors?.length ?? 1);
