/**
 * A program is everything one window does on the GPU. Kernels describe it on a `Recorder`; `compile` turns the record into
 * pipelines, pooled buffers and bind groups once, and `submit` replays it: in one compute pass, or cut into short ones on a
 * slow adapter.
 */
import './disposeSymbol';
import { message } from '../../core/messages';
import { type BoundKernel, bindKernel, type CompiledKernel, dispatch, Pipelines } from './dispatch';
import { FirstWorkgroups } from './firstWorkgroups';
import { allocated, requireTensorsFit } from './gpuMemory';
import { OwnedBuffers } from './ownedBuffers';
import { planPool } from './pool';
import { readBuffer } from './readback';
import type { Kernel, Recorder, TensorId } from './recorder';
import { estimateRun, type Piece, scheduleRun } from './schedule';
import { decode } from './storage';

/** Runs that are timed: the first is slowed down by drivers that compile late, and any may wait for other work. */
const TIMED_RUNS = 3;

export interface CompileOptions {
  /** Shaders compiled, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Bytes of all that the program is a part of, to be named when memory runs out; its own by default. */
  readonly neededBytes?: number;
  /** Measured on the device, 10^9 fp32 operations a second: how finely the first run is cut. */
  readonly gflops?: number;
}

/** Bytes that a record takes on a device: its tensors, temporaries in one pool. */
export function programBytes(recorder: Recorder): number {
  const kept = recorder.tensors.filter(({ kind }) => kind !== 'temporary');
  return [...planPool(recorder).sizes, ...kept.map(({ bytes }) => bytes)].reduce((a, b) => a + b, 0);
}

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
    private readonly memory: OwnedBuffers,
    readonly steps: readonly BoundKernel[],
    gflops: number | undefined,
  ) {
    this.submits = scheduleRun(this.kernels, estimateRun(this.kernels, gflops));
    this.firstWorkgroups = new FirstWorkgroups(device, this.submits.flat());
  }

  /** GPU bytes held: constants, inputs, outputs and the pool of temporaries. */
  get bytesAllocated(): number {
    return this.memory.bytes;
  }

  get kernels(): readonly Kernel[] {
    return this.steps.map((step) => step.kernel);
  }

  /**
   * Plans memory, uploads constants and compiles every distinct shader in parallel. Leaves nothing behind when it fails.
   * @throws InternalError with the compiler's messages; UnsupportedDeviceError('gpu-limit') for a tensor that the device
   *   cannot hold, ('gpu-memory') when it has no memory left
   */
  static async compile(
    device: GPUDevice,
    recorder: Recorder,
    { onProgress, neededBytes, gflops }: CompileOptions = {},
  ): Promise<Program> {
    requireTensorsFit(recorder, device.limits);
    const memory = new OwnedBuffers(device);
    const allocate = <T>(work: () => T) =>
      allocated(device, message('the-network'), neededBytes ?? programBytes(recorder), work);
    try {
      const buffers = await allocate(() => Program.createBuffers(memory, recorder));
      const compiled = await Program.compileAll(device, recorder, onProgress);
      const steps = await allocate(() =>
        recorder.steps.map(({ tensors }, step) => {
          // Temporaries share buffers that may be longer than they are.
          const bound = tensors.map((id) => ({ buffer: buffers[id], size: recorder.tensors[id].bytes }));
          return bindKernel(device, compiled[step], bound);
        }),
      );
      return new Program(device, recorder, buffers, memory, steps, gflops);
    } catch (error) {
      memory[Symbol.dispose]();
      throw error;
    }
  }

  /** Buffers by tensor. */
  private static createBuffers(memory: OwnedBuffers, recorder: Recorder): GPUBuffer[] {
    const { STORAGE, UNIFORM, COPY_SRC } = GPUBufferUsage;
    const { slots, sizes } = planPool(recorder);
    const pool = sizes.map((bytes, i) => memory.create(`pool ${i}`, bytes, STORAGE | UNIFORM | COPY_SRC));
    return recorder.tensors.map(({ kind, label, bytes, uniform, data }, id) => {
      if (kind === 'temporary') return pool[slots[id]];
      return memory.create(label, bytes, STORAGE | COPY_SRC | (uniform ? UNIFORM : 0), data);
    });
  }

  /** The kernels of all steps, in order. */
  private static compileAll(
    device: GPUDevice,
    recorder: Recorder,
    onProgress: CompileOptions['onProgress'],
  ): Promise<CompiledKernel[]> {
    const pipelines = new Pipelines(device);
    const kernels = recorder.steps.map(({ kernel }) => kernel);
    const first = new Map(kernels.toReversed().map((kernel) => [kernel.code, kernel]));
    let done = 0;
    const compile = async (kernel: Kernel) => {
      const compiled = await pipelines.compile(kernel);
      if (first.get(kernel.code) === kernel) onProgress?.(++done, first.size);
      return compiled;
    };
    return Promise.all(kernels.map(compile));
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
   * Submits one run, in turns of milliseconds: by an estimate at first, then by how long runs take (`expectRun`, or the
   * first runs).
   * @param before adds commands in front, e.g. copies into inputs
   */
  submit(before?: (encoder: GPUCommandEncoder) => void): void {
    const isTimed = this.timedRuns++ < TIMED_RUNS;
    // Both answers are as late as the browser likes; their difference is this run, without what was waiting before it.
    const idleAt = isTimed ? this.answeredAt() : null;
    for (const [index, pieces] of this.submits.entries()) {
      const encoder = this.device.createCommandEncoder({ label: 'window' });
      if (index === 0) before?.(encoder);
      this.encodePieces(encoder, pieces);
      this.device.queue.submit([encoder.finish()]);
    }
    if (!isTimed) return;
    // A device that goes away is noticed elsewhere.
    Promise.all([idleAt, this.answeredAt()]).then(
      ([from, to]) => this.expectRun(to - (from as number)),
      () => undefined,
    );
  }

  /** When the device has said that everything submitted so far is done. */
  private async answeredAt(): Promise<number> {
    await this.device.queue.onSubmittedWorkDone();
    return performance.now();
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
    const { bytes, storage } = this.recorder.tensors[id];
    return decode(await readBuffer(this.device, this.buffers[id], bytes), storage);
  }

  [Symbol.dispose](): void {
    this.disposed = true;
    this.firstWorkgroups[Symbol.dispose]();
    this.memory[Symbol.dispose]();
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
    const step = this.steps[piece.step];
    if (step.kernel.splitAxis !== undefined) this.firstWorkgroups.bind(pass, piece);
    dispatch(pass, step, piece.workgroups);
  }
}
