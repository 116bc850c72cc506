/**
 * A program is everything one window does on the GPU. Kernels describe it on a `Recorder`; `compile` turns the record into
 * pipelines, pooled buffers and bind groups once, and `submit` replays it: in one compute pass, or cut into short ones on a
 * slow adapter.
 */
import { FirstWorkgroups } from './firstWorkgroups';
import { planMemory } from './memory';
import { compilePipeline } from './pipelines';
import type { Kernel, Recorder, TensorId } from './recorder';
import { type Piece, scheduleRun } from './schedule';
import { decode } from './storage';

/** A kernel with what it needs to run. */
export interface CompiledStep {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
}

/** Runs that are timed: the first is slowed down by drivers that compile late, and any may wait for other work. */
const TIMED_RUNS = 3;

/** A recorded program on a device. Owns its buffers; dispose frees them. */
export class Program {
  private submits: readonly (readonly Piece[])[];
  private firstWorkgroups: FirstWorkgroups;
  private timedRuns = 0;
  private fastestMs = Number.POSITIVE_INFINITY;
  private disposed = false;

  private constructor(
    private readonly device: GPUDevice,
    private readonly recorder: Recorder,
    private readonly buffers: readonly GPUBuffer[],
    private readonly owned: readonly GPUBuffer[],
    readonly steps: readonly CompiledStep[],
  ) {
    this.submits = scheduleRun(this.kernels, null);
    this.firstWorkgroups = new FirstWorkgroups(device, this.submits.flat());
  }

  /** GPU bytes held: constants, inputs, outputs and the pool of temporaries. */
  get bytesAllocated(): number {
    return this.owned.reduce((sum, buffer) => sum + buffer.size, 0);
  }

  get kernels(): readonly Kernel[] {
    return this.steps.map((step) => step.kernel);
  }

  /** Plans memory, uploads constants and compiles every distinct shader in parallel. @throws InternalError with the compiler's messages */
  static async compile(
    device: GPUDevice,
    recorder: Recorder,
    onProgress?: (done: number, total: number) => void,
  ): Promise<Program> {
    const owned: GPUBuffer[] = [];
    const create = (label: string, size: number, usage: number) => {
      const buffer = device.createBuffer({ label, size, usage });
      owned.push(buffer);
      return buffer;
    };
    const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    const { slots, sizes } = planMemory(recorder);
    const pool = sizes.map((bytes, i) => create(`pool ${i}`, bytes, storage | GPUBufferUsage.UNIFORM));
    const buffers = recorder.tensors.map((tensor, id) => {
      if (tensor.kind === 'temporary') return pool[slots[id]];
      const buffer = create(tensor.label, tensor.bytes, storage | (tensor.uniform ? GPUBufferUsage.UNIFORM : 0));
      if (tensor.data) {
        const { buffer: bytes, byteOffset, byteLength } = tensor.data;
        device.queue.writeBuffer(buffer, 0, bytes, byteOffset, byteLength - (byteLength % 4));
      }
      return buffer;
    });

    let done = 0;
    const distinct = new Map<string, Promise<GPUComputePipeline>>();
    for (const { kernel } of recorder.steps) {
      if (distinct.has(kernel.code)) continue;
      const pipeline = compilePipeline(device, kernel).then((compiled) => {
        onProgress?.(++done, distinct.size);
        return compiled;
      });
      distinct.set(kernel.code, pipeline);
    }
    try {
      const steps = await Promise.all(
        recorder.steps.map(async ({ kernel, tensors }) => {
          const pipeline = await (distinct.get(kernel.code) as Promise<GPUComputePipeline>);
          const bindGroup = device.createBindGroup({
            label: kernel.label,
            layout: pipeline.getBindGroupLayout(0),
            entries: tensors.map((id, binding) => ({
              binding,
              resource: { buffer: buffers[id], size: recorder.tensors[id].bytes },
            })),
          });
          return { pipeline, bindGroup, kernel };
        }),
      );
      return new Program(device, recorder, buffers, owned, steps);
    } catch (error) {
      for (const buffer of owned) buffer.destroy();
      throw error;
    }
  }

  /** The buffer behind an input, output or constant. A temporary's buffer is shared and only valid inside a run. */
  buffer(id: TensorId): GPUBuffer {
    return this.buffers[id];
  }

  /** Records one whole run into a command encoder, as one compute pass (WebGPU orders the dispatches' memory). */
  encode(encoder: GPUCommandEncoder): void {
    this.encodePieces(encoder, scheduleRun(this.kernels, null)[0]);
  }

  /**
   * Submits one run, in turns of milliseconds once it is known how long a run takes (`expectRun`, or the first runs).
   * @param before adds commands in front, e.g. copies into inputs
   */
  submit(before?: (encoder: GPUCommandEncoder) => void): void {
    const startedAt = performance.now();
    for (const [index, pieces] of this.submits.entries()) {
      const encoder = this.device.createCommandEncoder({ label: 'window' });
      if (index === 0) before?.(encoder);
      this.encodePieces(encoder, pieces);
      this.device.queue.submit([encoder.finish()]);
    }
    if (this.timedRuns++ >= TIMED_RUNS) return;
    const noteTime = () => this.expectRun(performance.now() - startedAt);
    // A device that goes away is noticed elsewhere.
    this.device.queue.onSubmittedWorkDone().then(noteTime, () => undefined);
  }

  /** Says how long a run takes on this device; the fastest answer counts. Later runs are cut accordingly. */
  expectRun(ms: number): void {
    if (ms >= this.fastestMs || this.disposed) return;
    this.fastestMs = ms;
    this.submits = scheduleRun(this.kernels, ms);
    this.firstWorkgroups[Symbol.dispose]();
    this.firstWorkgroups = new FirstWorkgroups(this.device, this.submits.flat());
  }

  /** Submits of a run, and its dispatches, as they are cut now. */
  get turns(): { submits: number; dispatches: number } {
    return { submits: this.submits.length, dispatches: this.submits.flat().length };
  }

  /** One run, finished on the GPU when the promise resolves. Inputs by tensor. */
  async run(inputs: ReadonlyMap<TensorId, ArrayBufferView<ArrayBuffer>>): Promise<void> {
    for (const [id, data] of inputs) {
      this.device.queue.writeBuffer(this.buffers[id], 0, data.buffer, data.byteOffset, data.byteLength);
    }
    this.submit();
    await this.device.queue.onSubmittedWorkDone();
  }

  /** Copies a tensor to the CPU: a test's or a fallback's way, a round trip of milliseconds. */
  async read(id: TensorId): Promise<Float32Array<ArrayBuffer>> {
    const { bytes: size, storage } = this.recorder.tensors[id];
    const staging = this.device.createBuffer({
      label: 'readback',
      size,
      usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
    });
    try {
      const encoder = this.device.createCommandEncoder();
      encoder.copyBufferToBuffer(this.buffers[id], 0, staging, 0, size);
      this.device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      return decode(staging.getMappedRange().slice(0), storage);
    } finally {
      staging.destroy();
    }
  }

  [Symbol.dispose](): void {
    this.disposed = true;
    this.firstWorkgroups[Symbol.dispose]();
    for (const buffer of this.owned) buffer.destroy();
  }

  /** Records one kernel of a run, whole, into a compute pass. */
  dispatchWhole(pass: GPUComputePassEncoder, step: number): void {
    this.dispatchPiece(pass, { step, first: [0, 0, 0], workgroups: this.steps[step].kernel.workgroups });
  }

  private encodePieces(encoder: GPUCommandEncoder, pieces: readonly Piece[]): void {
    const pass = encoder.beginComputePass({ label: 'window' });
    for (const piece of pieces) this.dispatchPiece(pass, piece);
    pass.end();
  }

  private dispatchPiece(pass: GPUComputePassEncoder, piece: Piece): void {
    const { pipeline, bindGroup, kernel } = this.steps[piece.step];
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    if (kernel.splitAxis !== undefined) this.firstWorkgroups.bind(pass, piece);
    pass.dispatchWorkgroups(...piece.workgroups);
  }
}
