/**
 * Where a piece of a dispatch starts. WebGPU counts the workgroups of every dispatch from zero, so a kernel that may be cut
 * adds `FIRST` to its workgroup id: a uniform of its own, bound at another offset for every piece.
 */
import './disposeSymbol';
import type { Piece } from './schedule';

/** Added to kernels that can be cut into several dispatches (Kernel.splitAxis). */
export const FIRST_WORKGROUP = '@group(1) @binding(0) var<uniform> FIRST: vec3u;\n';

/** Bind group 1 of kernels that can be cut: a uniform vec3u at a dynamic offset. */
export function firstWorkgroupLayout(device: GPUDevice): GPUBindGroupLayout {
  const buffer = { type: 'uniform', hasDynamicOffset: true, minBindingSize: 12 } as const;
  return device.createBindGroupLayout({
    label: 'first workgroup',
    entries: [{ binding: 0, visibility: GPUShaderStage.COMPUTE, buffer }],
  });
}

/** The values of `FIRST` that pieces need, in one uniform buffer that is bound at an offset. */
export class FirstWorkgroups {
  private readonly offsets = new Map<string, number>();
  private readonly buffer: GPUBuffer;
  private readonly bindGroup: GPUBindGroup;

  constructor(device: GPUDevice, pieces: readonly Piece[]) {
    const stride = device.limits.minUniformBufferOffsetAlignment;
    for (const { first } of pieces) {
      if (!this.offsets.has(first.join())) this.offsets.set(first.join(), this.offsets.size * stride);
    }
    const data = new Uint32Array((this.offsets.size * stride) / 4);
    for (const { first } of pieces) data.set(first, (this.offsets.get(first.join()) as number) / 4);
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    this.buffer = device.createBuffer({ label: 'first workgroups', size: data.byteLength, usage });
    device.queue.writeBuffer(this.buffer, 0, data);
    this.bindGroup = device.createBindGroup({
      label: 'first workgroups',
      layout: firstWorkgroupLayout(device),
      entries: [{ binding: 0, resource: { buffer: this.buffer, size: 16 } }],
    });
  }

  bind(pass: GPUComputePassEncoder, { first }: Piece): void {
    pass.setBindGroup(1, this.bindGroup, [this.offsets.get(first.join()) as number]);
  }

  [Symbol.dispose](): void {
    this.buffer.destroy();
  }
}
