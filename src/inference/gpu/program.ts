/**
 * A program is everything one window does on the GPU: dispatches in order over tensors that are named first and given
 * memory later. Kernels only describe work on a `Recorder`; `compile` turns the record into pipelines, pooled buffers
 * and bind groups once, and `submit` replays it: in one compute pass, or cut into short ones on a slow adapter.
 *
 * Tensors are channels last: (D, H, W, C) with C padded to a multiple of 4, so that every element is a vec4 and tokens
 * (N, C) are the same bytes. The padding channels hold zeros. Large ones may be stored as halves (storage.ts).
 */
import { InternalError } from '../../errors';
import type { Conv3dPlan } from '../kernels/conv3d/plan';
import { FirstWorkgroups } from './firstWorkgroups';
import { planMemory } from './memory';
import { compilePipeline } from './pipelines';
import { type Piece, scheduleRun } from './schedule';
import { decode, encode, type HalfType, type Storage, VEC4_BYTES } from './storage';

/** Names a tensor of one program. */
export type TensorId = number & { readonly __brand: 'tensor' };

/** How a kernel uses a binding: 'read' and 'write' (read_write in WGSL) are storage buffers. */
export type Access = 'read' | 'write' | 'uniform';

/** One dispatch without its tensors. Equal `code` compiles once. */
export interface Kernel {
  /** Where it belongs and what it does, e.g. 'decoder2.conv1 16->16'. */
  readonly label: string;
  /** Complete WGSL with entry point `main`; @group(0), bindings in the order of `access`. */
  readonly code: string;
  readonly access: readonly Access[];
  /** Workgroup counts; each at most 65535. */
  readonly workgroups: readonly [number, number, number];
  /**
   * Dimension of `workgroups` along which a long dispatch may be cut into several; the code then adds `FIRST` (vec3u, the
   * first workgroup of the piece, declared by compilePipeline) to its workgroup id.
   */
  readonly splitAxis?: 0 | 1 | 2;
  /** Floating-point operations (1 multiply-add = 2) and bytes read and written once, for the ledger. */
  readonly flops: number;
  readonly bytes: number;
}

type TensorKind = 'input' | 'output' | 'constant' | 'temporary';

interface Tensor {
  readonly label: string;
  readonly bytes: number;
  readonly kind: TensorKind;
  readonly storage: Storage;
  readonly data?: ArrayBufferView<ArrayBuffer>;
  readonly uniform?: boolean;
}

interface Step {
  readonly kernel: Kernel;
  readonly tensors: readonly TensorId[];
}

/**
 * Activations that stay fp32. Rounding errors add up along the residual sums of a network's many small blocks: with all
 * activations as halves the logits of the published Synapse network on 32 x 64 x 64 voxels are 2.4e-3 off, with only the
 * large ones, which are most of the memory and traffic, 7e-4 (docs/performance.md).
 */
const SMALL_BYTES = 2 ** 22;

export interface RecorderOptions {
  /** Plans of 3x3x3 convolutions measured on the adapter (engine/tune.ts), by conv3dKey. */
  readonly conv3dPlans?: ReadonlyMap<string, Conv3dPlan>;
  /** Of large activations, and of tables; 'fp32' if absent. Everything else is fp32. */
  readonly storage?: Storage;
  /** Activations of at most so many bytes as fp32 are never stored as halves. */
  readonly smallBytes?: number;
  /** The device has the feature shader-f16: halves are loaded and stored as such instead of packed. */
  readonly shaderF16?: boolean;
}

/** Collects the work of one window. */
export class Recorder {
  readonly tensors: Tensor[] = [];
  readonly steps: Step[] = [];
  readonly storage: Storage;
  readonly halfType: HalfType;

  constructor(readonly options: RecorderOptions = {}) {
    this.storage = options.storage ?? 'fp32';
    this.halfType = options.shaderF16 ? 'f16' : 'packed';
  }

  /** Filled by the caller before every run. */
  input(label: string, bytes: number): TensorId {
    return this.add({ label, bytes, kind: 'input', storage: 'fp32' });
  }

  /** Kept after a run, for the caller. */
  output(label: string, bytes: number, storage: Storage = 'fp32'): TensorId {
    return this.add({ label, bytes, kind: 'output', storage });
  }

  /** Weights and tables, uploaded once. `uniform` ones may be at most 64 KiB and are bound as 'uniform'. */
  constant(label: string, data: ArrayBufferView<ArrayBuffer>, uniform = false): TensorId {
    return this.add({ label, bytes: data.byteLength, kind: 'constant', storage: 'fp32', data, uniform });
  }

  /** A large constant, read through Bindings.vec4s or weights; in the recorder's storage. */
  table(label: string, values: Float32Array<ArrayBuffer>): TensorId {
    const { storage } = this;
    const data = encode(values, storage);
    return this.add({ label, bytes: data.byteLength, kind: 'constant', storage, data });
  }

  /** Lives from its first to its last use within a run; its memory is shared with others that live at other times. */
  temporary(label: string, bytes: number, uniform = false): TensorId {
    return this.add({ label, bytes, kind: 'temporary', storage: 'fp32', uniform });
  }

  /** A temporary of so many vec4 that only Bindings.vec4s touches; in the recorder's storage if it is large. */
  activation(label: string, vec4s: number): TensorId {
    const isSmall = vec4s * VEC4_BYTES.fp32 <= (this.options.smallBytes ?? SMALL_BYTES);
    const storage = isSmall ? 'fp32' : this.storage;
    return this.add({ label, bytes: vec4s * VEC4_BYTES[storage], kind: 'temporary', storage });
  }

  /** Appends one dispatch. @throws InternalError when the bindings do not fit the kernel */
  dispatch(kernel: Kernel, tensors: readonly TensorId[]): void {
    if (tensors.length !== kernel.access.length) {
      throw new InternalError(
        'kernel-bindings',
        `${kernel.label}: ${kernel.access.length} bindings, ${tensors.length} tensors.`,
      );
    }
    if (kernel.workgroups.some((n) => !Number.isInteger(n) || n < 1 || n > 65535)) {
      throw new InternalError(
        'kernel-workgroups',
        `${kernel.label}: workgroups ${kernel.workgroups.join(' x ')} (1 to 65535 each).`,
      );
    }
    this.steps.push({ kernel, tensors });
  }

  private add(tensor: Tensor): TensorId {
    this.tensors.push({ ...tensor, bytes: Math.max(16, Math.ceil(tensor.bytes / 16) * 16) });
    return (this.tensors.length - 1) as TensorId;
  }
}

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
