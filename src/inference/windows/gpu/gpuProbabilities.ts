/** Averaged probabilities on the GPU: a ring of planes in bands of rows, windows in, labels of finished planes out. */
import { type BoundKernel, bindKernel, type CompiledKernel, dispatch } from '../../gpu/dispatch';
import type { OwnedBuffers } from '../../gpu/ownedBuffers';
import { channelGroups, type Kernel } from '../../gpu/recorder';
import { isCounted, PLAIN_READING, type WindowJob, windowCount } from '../contract';
import type { Taps } from '../geometry/taps';
import { accumulateKernel } from './accumulate/accumulate';
import { certaintyKernel } from './certainty/certainty';
import { finalizeKernel, labelWords, tapWords } from './finalize/finalize';
import type { GpuNetwork } from './gpuNetwork';
import type { Band, MemoryPlan } from './memoryPlan';
import { probabilityBytes, type RingShape } from './ring';
import { settleKernel } from './settle/settle';

const ringShape = (job: WindowJob, plan: MemoryPlan): RingShape => ({
  classes: job.classes,
  ring: plan.ringDepth,
  width: job.paddedDhw[2],
  half: plan.half,
  counted: isCounted(job),
});

const readingOf = ({ reading = PLAIN_READING }: WindowJob) => reading;
const shareOf = ({ mirrors }: WindowJob) => 1 / (mirrors?.length ?? 1);

export const accumulation = (job: WindowJob, plan: MemoryPlan, layout: GpuNetwork['logitsLayout']): Kernel =>
  accumulateKernel({
    ...ringShape(job, plan),
    patchDhw: job.patchDhw,
    planar: layout === 'planar',
    activation: readingOf(job).perWindow,
    exchange: job.exchange,
    floor: job.weightFloor === undefined ? undefined : job.weightFloor * shareOf(job),
  });

/** null where sums are what is interpolated. */
export const settlement = (job: WindowJob, plan: MemoryPlan, planes = 1, rows = 1): Kernel | null => {
  const { perVoxel } = readingOf(job);
  if (perVoxel === 'none' && !isCounted(job)) return null;
  return settleKernel({ ...ringShape(job, plan), activation: perVoxel }, planes, rows);
};

export const finalisation = (job: WindowJob, plan: MemoryPlan, planes = 1, rows = 1): Kernel => {
  const threshold = readingOf(job).regions?.threshold;
  return finalizeKernel({ ...ringShape(job, plan), taps: job.taps, threshold }, planes, rows);
};

/** Where each window's weights begin in the table of all: windows along D, then H, then W. */
export function weightOffsets({ patchDhw, starts }: WindowJob, [k, j, i]: readonly [number, number, number]) {
  const [afterD, afterH] = [starts[0].length * patchDhw[0], starts[1].length * patchDhw[1]];
  return [k * patchDhw[0], afterD + j * patchDhw[1], afterD + afterH + i * patchDhw[2]] as const;
}

/** null where nobody asks. */
export const certainties = (job: WindowJob, plan: MemoryPlan, planes = 1, rows = 1): Kernel | null => {
  if (job.baseCertainty === undefined) return null;
  const filled = (axis: 1 | 2) => [job.belowDhw[axis], job.belowDhw[axis] + job.dimsDhw[axis]] as const;
  return certaintyKernel({ ...ringShape(job, plan), rows: filled(1), columns: filled(2) }, planes, rows);
};

interface RingBand {
  readonly rows: Band;
  /** Output rows [from, to) that are interpolated from this band. */
  readonly output: Band;
  readonly ring: GPUBuffer;
  readonly planeBytes: number;
  readonly band: GPUBuffer;
  readonly finalize: PlaneStep;
  readonly settle: PlaneStep | null;
  readonly certainty: PlaneStep | null;
}

/** A kernel over some planes of a band, and the uniform that says which. */
interface PlaneStep {
  readonly planes: GPUBuffer;
  readonly bound: BoundKernel;
}

/** null: a step that the job does without. */
export interface ProbabilityKernels {
  readonly accumulate: CompiledKernel;
  readonly settle: CompiledKernel | null;
  readonly certainty: CompiledKernel | null;
  readonly finalize: CompiledKernel;
}

export class GpuProbabilities {
  /** Labels of the last `encodeLabels`: (planes, H, words of four). */
  readonly labels: GPUBuffer;
  /** A word per window of the run; see accumulate.wgsl. */
  readonly health: GPUBuffer;
  /** Two words per plane of the padded grid; see certainty.wgsl. Not used where nobody asks. */
  readonly certainties: GPUBuffer;
  private readonly device: GPUDevice;
  private readonly bands: readonly RingBand[];
  private readonly weights: GPUBuffer;
  private logits: { readonly buffer: GPUBuffer; readonly adding: readonly BoundKernel[] } | null = null;

  /** @param window uniform with windowParams */
  constructor(
    memory: OwnedBuffers,
    private readonly job: WindowJob,
    private readonly plan: MemoryPlan,
    private readonly kernels: ProbabilityKernels,
    private readonly layout: GpuNetwork['logitsLayout'],
    private readonly window: GPUBuffer,
  ) {
    const { STORAGE, UNIFORM, COPY_SRC } = GPUBufferUsage;
    this.device = memory.device;
    const { paddedDhw, taps } = job;
    const { settle, certainty, finalize } = kernels;
    const [, rows, columns] = taps.map(({ lower }) => lower.length);
    this.labels = memory.create('labels', plan.labelPlanes * rows * labelWords(columns) * 4, STORAGE | COPY_SRC);
    this.health = memory.create('health', 4 * windowCount(job), STORAGE | COPY_SRC);
    this.certainties = memory.create('certainties', 8 * paddedDhw[0], STORAGE | COPY_SRC);
    // Mirrored copies of a window share its weight: one axis carries the factor.
    const share = (axis: number) => (axis === 0 ? shareOf(job) : 1);
    const weights = Float32Array.from(
      job.weights.flatMap((windows, axis) => windows.flatMap((window) => Array.from(window, (w) => w * share(axis)))),
    );
    this.weights = memory.create('window weights', weights.byteLength, STORAGE, weights);
    const words = tapWords(taps);
    const table = memory.create('taps', words.byteLength, STORAGE, words);
    let next = 0;
    this.bands = plan.ringBands.map(([from, to]) => {
      const planeBytes = (to - from) * paddedDhw[2] * probabilityBytes(ringShape(job, plan));
      const ring = memory.create(`probabilities rows ${from} to ${to - 1}`, plan.ringDepth * planeBytes, STORAGE);
      const band = memory.create('ring band', 8, UNIFORM, Uint32Array.of(from, to - from));
      const output = [next, rowsBelow(taps[1], to)] as const;
      next = output[1];
      const step = (kernel: CompiledKernel, ...others: GPUBuffer[]): PlaneStep => {
        const planes = memory.create(`planes to ${kernel.kernel.label}`, 16, UNIFORM);
        return { planes, bound: bindKernel(this.device, kernel, [planes, ...others]) };
      };
      return {
        ...{ rows: [from, to] as const, output, ring, planeBytes, band },
        finalize: step(finalize, table, ring, this.labels),
        settle: settle && step(settle, ring),
        certainty: certainty && step(certainty, ring, this.certainties),
      };
    });
  }

  /** Forgets planes that leave the ring: [from, to) of the padded grid take their places, at zero. */
  clear(encoder: GPUCommandEncoder, from: number, to: number): void {
    for (const { ring, planeBytes } of this.bands) {
      for (let z = from; z < to; z++) encoder.clearBuffer(ring, (z % this.plan.ringDepth) * planeBytes, planeBytes);
    }
  }

  /** Adds the window named by the uniform. @param row its first row on the padded grid */
  encodeWindow(pass: GPUComputePassEncoder, logits: GPUBuffer, row: number): void {
    const adding = this.addingFrom(logits);
    for (const [i, { rows }] of this.bands.entries()) {
      if (rows[0] < row + this.job.patchDhw[1] && rows[1] > row) dispatch(pass, adding[i]);
    }
  }

  /** Makes planes [from, to) of the padded grid, to which no window adds any more, ready to be read. Once per submit. */
  encodeSettling(encoder: GPUCommandEncoder, [from, to]: Band): void {
    this.encodePlanes(encoder, 'settle', ({ rows }) => ({
      where: [from, rows[1] - rows[0]],
      kernel: settlement(this.job, this.plan, to - from, rows[1] - rows[0]),
    }));
  }

  /** Counts how certain planes [from, to) of the padded grid are, once they are settled. Once per submit. */
  encodeCertainty(encoder: GPUCommandEncoder, [from, to]: Band): void {
    this.encodePlanes(encoder, 'certainty', ({ rows }, i) => {
      // Bands share a row, which counts once.
      const own = (this.bands[i + 1]?.rows[0] ?? rows[1]) - rows[0];
      const kernel = certainties(this.job, this.plan, to - from, own);
      return { where: [from, rows[1] - rows[0], rows[0]], kernel };
    });
  }

  /** Labels of output planes [from, to), at most `plan.labelPlanes`, into `labels`. One call per submit. */
  encodeLabels(encoder: GPUCommandEncoder, [from, to]: Band): void {
    this.encodePlanes(encoder, 'finalize', ({ rows, output }) => ({
      where: [from, output[0], rows[0], rows[1] - rows[0]],
      kernel: output[0] === output[1] ? null : finalisation(this.job, this.plan, to - from, output[1] - output[0]),
    }));
  }

  /**
   * One pass of one step over all bands; nothing where the job does without it.
   * @param of a band: the words of the step's uniform, and a kernel with as many workgroups as it takes, null for none
   */
  private encodePlanes(
    encoder: GPUCommandEncoder,
    name: 'settle' | 'certainty' | 'finalize',
    of: (band: RingBand, index: number) => { readonly where: readonly number[]; readonly kernel: Kernel | null },
  ): void {
    if (!this.kernels[name]) return;
    const pass = encoder.beginComputePass({ label: `${name} planes` });
    for (const [i, band] of this.bands.entries()) {
      const step = band[name];
      const { where, kernel } = of(band, i);
      if (!step || !kernel) continue;
      this.device.queue.writeBuffer(step.planes, 0, Uint32Array.from(where));
      dispatch(pass, step.bound, kernel.workgroups);
    }
    pass.end();
  }

  /** ONNX Runtime may hand out another buffer for each window. */
  private addingFrom(buffer: GPUBuffer): readonly BoundKernel[] {
    if (this.logits?.buffer !== buffer) {
      const { classes, patchDhw } = this.job;
      const numbers = this.layout === 'planar' ? classes : 4 * channelGroups(classes);
      // Its buffers are longer than what is in them.
      const logits = { buffer, size: 4 * numbers * patchDhw[0] * patchDhw[1] * patchDhw[2] };
      const adding = this.bands.map(({ band, ring }) => {
        const buffers = [this.window, band, this.weights, logits, ring, this.health];
        return bindKernel(this.device, this.kernels.accumulate, buffers);
      });
      this.logits = { buffer, adding };
    }
    return this.logits.adding;
  }
}

/** How many output rows read only rows before `end`. */
function rowsBelow({ upper }: Taps, end: number): number {
  const beyond = upper.findIndex((row) => row >= end);
  return beyond < 0 ? upper.length : beyond;
}
