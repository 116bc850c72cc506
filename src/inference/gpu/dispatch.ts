/** Kernels on a device: compiled once each, bound to their buffers, dispatched. What programs and windows both run on. */
import { compilePipeline } from './pipelines';
import type { Kernel } from './recorder';

/** A kernel that can be bound. */
export interface CompiledKernel {
  readonly kernel: Kernel;
  readonly pipeline: GPUComputePipeline;
}

/** A kernel with what it needs to run. */
export interface BoundKernel extends CompiledKernel {
  readonly bindGroup: GPUBindGroup;
}

/** Compiled kernels of one device. Equal code compiles once, however many ask at the same time. */
export class Pipelines {
  private readonly byCode = new Map<string, Promise<GPUComputePipeline>>();

  constructor(private readonly device: GPUDevice) {}

  /** @throws as compilePipeline; a kernel that failed is tried again by who asks next */
  async compile(kernel: Kernel): Promise<CompiledKernel> {
    const { code } = kernel;
    const pipeline = this.byCode.get(code) ?? compilePipeline(this.device, kernel);
    this.byCode.set(code, pipeline);
    pipeline.catch(() => this.byCode.delete(code));
    return { kernel, pipeline: await pipeline };
  }
}

/** @param buffers in the order of the kernel's bindings; with a size where a buffer is longer than what is bound */
export function bindKernel(
  device: GPUDevice,
  { kernel, pipeline }: CompiledKernel,
  buffers: readonly (GPUBuffer | GPUBufferBinding)[],
): BoundKernel {
  const bindGroup = device.createBindGroup({
    label: kernel.label,
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: 'buffer' in buffer ? buffer : { buffer } })),
  });
  return { kernel, pipeline, bindGroup };
}

/** @param workgroups the kernel's own by default */
export function dispatch(
  pass: GPUComputePassEncoder,
  { kernel, pipeline, bindGroup }: BoundKernel,
  workgroups: Kernel['workgroups'] = kernel.workgroups,
): void {
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.dispatchWorkgroups(...workgroups);
}
