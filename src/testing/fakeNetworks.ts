/**
 * The same made-up network twice, for tests: on the CPU and on the GPU. Its logits depend on the voxel's intensities and
 * on the voxel's place in the window, so that weights, overlaps and padding all matter.
 *
 *   logit(c, voxel) = 3 sin(0.9 c + 4 (sum of channels) + 0.37 z + 0.23 y + 0.11 x)
 */

import { message } from '../core/messages';
import { compilePipeline, prelude } from '../inference/gpu/pipelines';
import { channelGroups, type Kernel } from '../inference/gpu/recorder';
import type { Backend } from '../inference/network/ort/backend';
import type { ProviderInfo } from '../inference/protocol';
import type { GpuNetwork } from '../inference/windows/gpu/gpuNetwork';
import type { Triple } from '../volume/grid';

const info: ProviderInfo = {
  provider: 'wasm',
  adapter: message('adapter', { name: 'fake' }),
  reason: message('wasm-chosen'),
};

export interface FakeShape {
  readonly channels: number;
  readonly classes: number;
  readonly patchDhw: Triple;
}

/** @param runs told about every window */
export function fakeBackend({ channels, classes, patchDhw }: FakeShape): Backend & { runs: number } {
  const [D, H, W] = patchDhw;
  return {
    info,
    warm: true,
    runs: 0,
    async run(patch) {
      this.runs++;
      const logits = new Float32Array(classes * D * H * W);
      for (let z = 0, voxel = 0; z < D; z++)
        for (let y = 0; y < H; y++)
          for (let x = 0; x < W; x++, voxel++) {
            let sum = 0;
            for (let i = 0; i < channels; i++) sum += patch[i * D * H * W + voxel];
            for (let c = 0; c < classes; c++) {
              logits[c * D * H * W + voxel] = 3 * Math.sin(0.9 * c + 4 * sum + 0.37 * z + 0.23 * y + 0.11 * x);
            }
          }
      return logits;
    },
    async dispose() {},
  };
}

/** Stands for an engine: one kernel. `spoil` writes over the logits of the window with that number. */
export class FakeGpuNetwork implements GpuNetwork {
  readonly usesOnnxRuntime = false;
  runs = 0;
  /** Logits handed out and not released: never more than one. */
  held = 0;
  private constructor(
    private readonly device: GPUDevice,
    private readonly kernel: Kernel,
    private readonly pipeline: GPUComputePipeline,
    readonly input: GPUBuffer,
    private readonly logits: GPUBuffer,
    readonly logitsLayout: GpuNetwork['logitsLayout'],
    private readonly spoil: { readonly window: number; readonly value: number } | null,
  ) {}

  static async open(
    device: GPUDevice,
    { channels, classes, patchDhw }: FakeShape,
    layout: GpuNetwork['logitsLayout'],
    spoil: { readonly window: number; readonly value: number } | null = null,
  ): Promise<FakeGpuNetwork> {
    const [D, H, W] = patchDhw;
    const stride = layout === 'planar' ? classes : 4 * channelGroups(classes);
    const at = layout === 'planar' ? 'c * (D * H * W) + voxel' : 'voxel * STRIDE + c';
    const kernel: Kernel = {
      label: 'fake network',
      code: `${prelude({ CHANNELS: channels, CLASSES: classes, D, H, W, STRIDE: stride })}
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) g: vec3u) {
  if (g.x >= W) { return; }
  let voxel = (g.z * H + g.y) * W + g.x;
  var sum = 0.0;
  for (var i = 0u; i < CHANNELS; i++) { sum += x[i * (D * H * W) + voxel]; }
  let place = 0.37 * f32(g.z) + 0.23 * f32(g.y) + 0.11 * f32(g.x);
  for (var c = 0u; c < CLASSES; c++) { y[${at}] = 3.0 * sin(0.9 * f32(c) + 4.0 * sum + place); }
}`,
      access: ['read', 'write'],
      workgroups: [Math.ceil(W / 64), H, D],
      flops: 0,
      bytes: 0,
    };
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const buffer = (numbers: number) => device.createBuffer({ size: Math.ceil(numbers / 4) * 16, usage });
    const [input, logits] = [buffer(channels * D * H * W), buffer(stride * D * H * W)];
    const pipeline = await compilePipeline(device, kernel);
    return new FakeGpuNetwork(device, kernel, pipeline, input, logits, layout, spoil);
  }

  get bytesAllocated(): number {
    return this.input.size + this.logits.size;
  }

  async submit(): Promise<GPUBuffer> {
    const encoder = this.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(this.pipeline);
    const entries = [this.input, this.logits].map((buffer, binding) => ({ binding, resource: { buffer } }));
    pass.setBindGroup(0, this.device.createBindGroup({ layout: this.pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(...this.kernel.workgroups);
    pass.end();
    this.device.queue.submit([encoder.finish()]);
    if (this.runs++ === this.spoil?.window) {
      this.device.queue.writeBuffer(this.logits, 0, new Float32Array(this.logits.size / 4).fill(this.spoil.value));
    }
    this.held++;
    return this.logits;
  }

  release(): void {
    this.held--;
  }

  async dispose(): Promise<void> {
    this.input.destroy();
    this.logits.destroy();
  }
}
