/**
 * Windows of a network on a GPU. The scan goes up once, plane by plane as windows reach it; windows are cut, run and
 * added up without leaving the GPU; labels of finished planes come down once, while later windows run.
 */
import { AppError, CancelledError, InvalidInputError, ModelError } from '../../../core/errors';
import { type Message, reasonOf } from '../../../core/messages';
import { releaseAll } from '../../../core/release';
import { type CompiledKernel, Pipelines } from '../../gpu/dispatch';
import { ScopeError, withErrorScopes } from '../../gpu/errorScopes';
import { OwnedBuffers } from '../../gpu/ownedBuffers';
import { type OwnedDevice, refused } from '../../gpu/ownedDevice';
import { readBuffer } from '../../gpu/readback';
import { channelGroups, type Kernel } from '../../gpu/recorder';
import type { ProviderInfo } from '../../protocol';
import type { RunHooks, WindowExecutor, WindowJob } from '../contract';
import { mirrorBits, NOT_MIRRORED } from '../geometry/mirror';
import { finishedPlanes, requireValidTaps } from '../geometry/taps';
import { requireHealthy } from '../logitsHealth';
import { NOT_FINITE, VARIES } from './accumulate/accumulate';
import { CERTAINTY_SCALE } from './certainty/certainty';
import { labelWords } from './finalize/finalize';
import type { GpuNetwork } from './gpuNetwork';
import {
  accumulation,
  certainties,
  finalisation,
  GpuProbabilities,
  settlement,
  weightOffsets,
} from './gpuProbabilities';
import { GpuScan, scanKernel } from './gpuScan';
import { type Band, type MemoryLimits, type MemoryOptions, type MemoryPlan, planMemory } from './memoryPlan';
import { SlabReadback } from './slabReadback';
import { WINDOW_PARAMS_BYTES, windowParams } from './windowParams';

/** Windows submitted and not finished at a time: enough to keep the GPU busy, few enough to stop soon. */
const IN_FLIGHT = 2;

export interface GpuWindowsOptions extends MemoryOptions {
  /** The device's own by default; tests take less. */
  readonly limits?: MemoryLimits;
  /** As a WindowExecutor has them; what there is to note may become known while running. */
  readonly placement?: string;
  readonly note?: () => Message | undefined;
}

export class GpuWindows implements WindowExecutor {
  warm = false;
  private readonly pipelines: Pipelines;

  constructor(
    readonly info: ProviderInfo,
    private readonly owned: OwnedDevice,
    private readonly network: GpuNetwork,
    private readonly options: GpuWindowsOptions = {},
  ) {
    this.pipelines = new Pipelines(owned.device);
  }

  get note(): Message | undefined {
    return this.options.note?.();
  }

  get placement(): string | undefined {
    return this.options.placement;
  }

  get failure(): AppError | null {
    return this.owned.error;
  }

  plan(job: WindowJob): MemoryPlan {
    return planMemory(job, this.network, this.options.limits ?? this.owned.device.limits, this.options);
  }

  async run(job: WindowJob, hooks: RunHooks): Promise<void> {
    for (const [axis, name] of ['depth', 'height', 'width'].entries()) {
      requireValidTaps(job.taps[axis], job.paddedDhw[axis], name);
    }
    this.owned.check();
    const { device } = this.owned;
    const memory = new OwnedBuffers(device);
    let run: Run | null = null;
    try {
      run = await this.allocate(job, memory);
      await this.runWindows(job, run, hooks);
      // What was delivered came from submits before; a loss or an error of the last ones must not come after the answer.
      await this.owned.settle();
    } catch (error) {
      throw await this.explained(error);
    } finally {
      // Nothing of this run is left on the GPU before its memory goes.
      await this.owned.race(device.queue.onSubmittedWorkDone()).catch(() => undefined);
      await run?.readback.close();
      memory[Symbol.dispose]();
    }
  }

  dispose(): Promise<void> {
    return releaseAll([() => this.network.dispose(), () => this.owned.destroy()]);
  }

  private async allocate(job: WindowJob, memory: OwnedBuffers): Promise<Run> {
    const { device } = this.owned;
    const plan = this.plan(job);
    const { logitsLayout, input } = this.network;
    const settling = settlement(job, plan);
    const counting = certainties(job, plan);
    const [window, accumulate, finalize, settle, certainty] = await Promise.all([
      this.compile(scanKernel(job, plan)),
      this.compile(accumulation(job, plan, logitsLayout)),
      this.compile(finalisation(job, plan)),
      settling && this.compile(settling),
      counting && this.compile(counting),
    ]);
    try {
      return await withErrorScopes(device, () => {
        const params = memory.create('window', WINDOW_PARAMS_BYTES, GPUBufferUsage.UNIFORM);
        const scan = new GpuScan(memory, job, plan, window, params, input);
        const kernels = { accumulate, settle, certainty, finalize };
        const sums = new GpuProbabilities(memory, job, plan, kernels, logitsLayout, params);
        const bytes = sums.labels.size + sums.health.size + sums.certainties.size;
        return { plan, params, scan, sums, readback: new SlabReadback(this.owned, memory, bytes) };
      });
    } catch (error) {
      if (!(error instanceof ScopeError && error.filter === 'out-of-memory')) throw error;
      throw new InvalidInputError('graphics-memory-full', { plan: plan.text }, { cause: error });
    }
  }

  private compile(kernel: Kernel): Promise<CompiledKernel> {
    return this.owned.race(this.pipelines.compile(kernel));
  }

  private async runWindows(job: WindowJob, run: Run, hooks: RunHooks): Promise<void> {
    const { starts, patchDhw, paddedDhw, taps, mirrors = [NOT_MIRRORED] } = job;
    const { queue } = this.owned.device;
    const finishes = finishedPlanes(starts[0], taps[0]);
    const perStep = starts[1].length * starts[2].length * mirrors.length;
    const inFlight: Promise<unknown>[] = [];
    let submitted = 0;
    let finished = 0;
    const finishOne = async () => {
      await this.owned.race(inFlight.shift() as Promise<unknown>);
      finished++;
      this.warm = true;
    };
    for (const [k, z] of starts[0].entries()) {
      run.scan.uploadTo(z + patchDhw[0]);
      if (k > 0) this.submit((encoder) => run.sums.clear(encoder, starts[0][k - 1] + patchDhw[0], z + patchDhw[0]));
      for (const [j, y] of starts[1].entries()) {
        for (const [i, x] of starts[2].entries()) {
          for (const mirror of mirrors) {
            while (inFlight.length >= (this.warm ? IN_FLIGHT : 1)) await finishOne();
            run.readback.check();
            await hooks.onWindow(finished);
            const params = windowParams([z, y, x], submitted++, weightOffsets(job, [k, j, i]), mirrorBits(mirror));
            await this.submitWindow(job, run, params, y, hooks);
            inFlight.push(queue.onSubmittedWorkDone());
          }
        }
      }
      if (k + 1 === starts[0].length) {
        while (inFlight.length > 0) await finishOne();
        await hooks.onWindow(finished);
      }
      const settled = [z, starts[0][k + 1] ?? paddedDhw[0]] as const;
      this.submit((encoder) => {
        run.sums.encodeSettling(encoder, settled);
        run.sums.encodeCertainty(encoder, settled);
      });
      await this.finishPlanes(job, run, finishes[k], [k * perStep, (k + 1) * perStep], hooks);
    }
    if (job.baseCertainty !== undefined) await this.owned.race(this.readCertainties(job, run, hooks));
    await this.owned.race(run.readback.finish());
  }

  private readCertainties({ belowDhw, dimsDhw }: WindowJob, { sums, readback }: Run, hooks: RunHooks): Promise<void> {
    const { certainties } = sums;
    const submit = (staging: GPUBuffer) => {
      this.submit((encoder) => encoder.copyBufferToBuffer(certainties, 0, staging, 0, certainties.size));
      return certainties.size;
    };
    return readback.read(submit, (bytes) => {
      const words = new Uint32Array(bytes.slice().buffer);
      for (let plane = 0; plane < dimsDhw[0]; plane++) {
        const [labelled, certainty] = words.subarray(2 * (belowDhw[0] + plane));
        hooks.onCertainty?.(plane, { labelled, certainty: certainty / CERTAINTY_SCALE });
      }
    });
  }

  private async submitWindow(
    job: WindowJob,
    run: Run,
    params: Int32Array<ArrayBuffer>,
    row: number,
    hooks: RunHooks,
  ): Promise<void> {
    this.owned.device.queue.writeBuffer(run.params, 0, params);
    this.submit((encoder) => {
      const pass = encoder.beginComputePass({ label: 'cut window' });
      run.scan.encode(pass, row);
      pass.end();
    });
    const logits = await this.owned.race(this.network.submit());
    this.submit((encoder) => {
      const pass = encoder.beginComputePass({ label: 'add window' });
      run.sums.encodeWindow(pass, logits, row);
      pass.end();
    });
    if (hooks.logits) await this.tellLogits(job, logits, hooks.logits);
    this.network.release();
  }

  /** One by one: a few hundred at most, of a window or two. */
  private async tellLogits(job: WindowJob, logits: GPUBuffer, { at, tell }: NonNullable<RunHooks['logits']>) {
    const { classes, patchDhw } = job;
    const voxels = patchDhw[0] * patchDhw[1] * patchDhw[2];
    const last = this.network.logitsLayout === 'channels-last';
    const place = (i: number) => (last ? (i % voxels) * 4 * channelGroups(classes) + Math.floor(i / voxels) : i);
    const memory = new OwnedBuffers(this.owned.device);
    try {
      const some = memory.create('some logits', 4 * at.length, GPUBufferUsage.COPY_SRC);
      this.submit((encoder) => {
        for (const [n, i] of at.entries()) encoder.copyBufferToBuffer(logits, 4 * place(i), some, 4 * n, 4);
      });
      tell(new Float32Array(await readBuffer(this.owned.device, some, 4 * at.length, this.owned)));
    } finally {
      memory[Symbol.dispose]();
    }
  }

  /** Labels of output planes [from, to), a few at a time, and the health of windows [first, end). */
  private async finishPlanes(job: WindowJob, run: Run, [from, to]: Band, [first, end]: Band, hooks: RunHooks) {
    const { sums, readback, plan } = run;
    const [, rows, columns] = job.taps.map(({ lower }) => lower.length);
    const planeBytes = rows * labelWords(columns) * 4;
    // Once without planes, where none became final: the windows' health still counts.
    for (let plane = from, isFirst = true; isFirst || plane < to; plane += plan.labelPlanes, isFirst = false) {
      const planes: Band = [plane, Math.min(to, plane + plan.labelPlanes)];
      const labelBytes = (planes[1] - planes[0]) * planeBytes;
      const submit = (staging: GPUBuffer) => {
        this.submit((encoder) => {
          if (labelBytes > 0) {
            sums.encodeLabels(encoder, planes);
            encoder.copyBufferToBuffer(sums.labels, 0, staging, 0, labelBytes);
          }
          encoder.copyBufferToBuffer(sums.health, 4 * first, staging, labelBytes, 4 * (end - first));
        });
        return labelBytes + 4 * (end - first);
      };
      const deliver = (bytes: Uint8Array) => {
        this.requireHealthyWindows(bytes.subarray(labelBytes));
        if (labelBytes > 0) hooks.onSlab(plane, painted(withoutPadding(bytes.subarray(0, labelBytes), columns), job));
      };
      await this.owned.race(readback.read(submit, deliver));
    }
  }

  private requireHealthyWindows(bytes: Uint8Array): void {
    for (const flags of new Uint32Array(bytes.slice().buffer)) {
      requireHealthy({ notFinite: (flags & NOT_FINITE) !== 0, constant: (flags & VARIES) === 0 }, this.info);
    }
  }

  private submit(encode: (encoder: GPUCommandEncoder) => void): void {
    const encoder = this.owned.device.createCommandEncoder();
    encode(encoder);
    this.owned.device.queue.submit([encoder.finish()]);
  }

  /** A device that fails makes everything fail with messages of its own, a moment before it says so. */
  private async explained(error: unknown): Promise<unknown> {
    if (error instanceof CancelledError) return error;
    if (error instanceof AppError) return this.owned.error ?? error;
    const failure = await this.owned.whyFailed();
    if (failure) return failure;
    if (error instanceof ScopeError) return refused(error.message, { cause: error });
    const { provider, adapter } = this.info;
    return new ModelError('run-failed', { provider, adapter, why: reasonOf(error) }, { cause: error });
  }
}

interface Run {
  readonly plan: MemoryPlan;
  readonly params: GPUBuffer;
  readonly scan: GpuScan;
  readonly sums: GpuProbabilities;
  readonly readback: SlabReadback;
}

/** Regions are numbered from 1 as the kernel names them; their labels are the job's. In place. */
function painted(labels: Uint8Array<ArrayBuffer>, { reading }: WindowJob): Uint8Array<ArrayBuffer> {
  if (!reading?.regions) return labels;
  const labelOf = [0, ...reading.regions.order];
  for (let i = 0; i < labels.length; i++) labels[i] = labelOf[labels[i]];
  return labels;
}

/** Rows of whole words -> rows of `columns` bytes. A copy. */
function withoutPadding(words: Uint8Array, columns: number): Uint8Array<ArrayBuffer> {
  const stride = 4 * labelWords(columns);
  if (stride === columns) return words.slice() as Uint8Array<ArrayBuffer>;
  const rows = words.length / stride;
  const labels = new Uint8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    labels.set(words.subarray(row * stride, row * stride + columns), row * columns);
  }
  return labels;
}
