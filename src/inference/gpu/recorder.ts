/**
 * What kernels describe their work on: dispatches in order over tensors that are named first and given memory later, when
 * the record becomes a Program.
 *
 * Tensors are channels last: (D, H, W, C) with C padded to a multiple of 4, so that every element is a vec4 and tokens
 * (N, C) are the same bytes. The padding channels hold zeros. Large ones may be stored as halves (storage.ts).
 */
import { InternalError } from '../../core/errors';
import { encode, type HalfType, type Storage, VEC4_BYTES } from './storage';

/** vec4 per voxel for a channel count. */
export const channelGroups = (channels: number): number => Math.ceil(channels / 4);

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
  /** Of large activations, and of tables; 'fp32' if absent. Everything else is fp32. */
  readonly storage?: Storage;
  /** Activations of at most so many bytes as fp32 are never stored as halves. */
  readonly smallBytes?: number;
  /** The device has the feature shader-f16: halves are loaded and stored as such instead of packed. */
  readonly shaderF16?: boolean;
  /**
   * The device has the feature subgroups and loads cost much more than arithmetic: matrices that all threads read alike
   * are loaded by four of them together (Bindings.weights).
   */
  readonly shareLoads?: boolean;
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
      throw new InternalError('invariant', {
        what: `${kernel.label}: ${kernel.access.length} bindings, ${tensors.length} tensors.`,
      });
    }
    if (kernel.workgroups.some((n) => !Number.isInteger(n) || n < 1 || n > 65535)) {
      throw new InternalError('invariant', {
        what: `${kernel.label}: workgroups ${kernel.workgroups.join(' x ')} (1 to 65535 each).`,
      });
    }
    this.steps.push({ kernel, tensors });
  }

  private add(tensor: Tensor): TensorId {
    this.tensors.push({ ...tensor, bytes: Math.max(16, Math.ceil(tensor.bytes / 16) * 16) });
    return (this.tensors.length - 1) as TensorId;
  }
}
