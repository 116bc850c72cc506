/** The scan on the GPU: as many planes of its model grid as a window is deep, from which windows are cut. */
import { type BoundKernel, bindKernel, type CompiledKernel, dispatch } from '../../gpu/dispatch';
import type { OwnedBuffers } from '../../gpu/ownedBuffers';
import type { Kernel } from '../../gpu/recorder';
import type { WindowJob } from '../contract';
import type { MemoryPlan } from './memoryPlan';
import { windowBand, windowKernel } from './window/window';

export const scanKernel = (job: WindowJob, plan: MemoryPlan): Kernel => windowKernel({ ...job, ring: plan.valueDepth });

export class GpuScan {
  private readonly device: GPUDevice;
  private readonly bands: readonly { from: number; to: number; values: GPUBuffer; cut: BoundKernel }[];
  private uploaded = 0;

  /**
   * @param window uniform with windowParams
   * @param input where windows go
   */
  constructor(
    memory: OwnedBuffers,
    private readonly job: WindowJob,
    private readonly plan: MemoryPlan,
    kernel: CompiledKernel,
    window: GPUBuffer,
    input: GPUBuffer,
  ) {
    this.device = memory.device;
    const { dimsDhw, channels, intensities } = job;
    const maps = Float32Array.from(intensities.flatMap(({ offset, scale, low, high }) => [offset, scale, low, high]));
    const intensity = memory.create('intensities', maps.byteLength, GPUBufferUsage.UNIFORM, maps);
    this.bands = plan.valueBands.map(([from, to]) => {
      const bytes = channels * plan.valueDepth * (to - from) * dimsDhw[2] * 4;
      const values = memory.create(`scan rows ${from} to ${to - 1}`, bytes, GPUBufferUsage.STORAGE);
      const rows = memory.create('scan band', 16, GPUBufferUsage.UNIFORM, windowBand(from, to, dimsDhw[1]));
      const cut = bindKernel(this.device, kernel, [window, rows, intensity, values, input]);
      return { from, to, values, cut };
    });
  }

  /** Brings in the planes before `end` (counted on the padded grid) that are not there yet; each goes up once. */
  uploadTo(end: number): void {
    const { values, channels, dimsDhw, belowDhw } = this.job;
    const [depth, height, width] = dimsDhw;
    const ring = this.plan.valueDepth;
    const to = Math.min(depth, end - belowDhw[0]);
    for (let z = this.uploaded; z < to; z++) {
      for (let c = 0; c < channels; c++) {
        for (const band of this.bands) {
          const size = (band.to - band.from) * width;
          const from = ((c * depth + z) * height + band.from) * width;
          this.device.queue.writeBuffer(band.values, (c * ring + (z % ring)) * size * 4, values, from, size);
        }
      }
    }
    this.uploaded = Math.max(this.uploaded, to);
  }

  /** Cuts the window named by the uniform. @param row its first row on the padded grid */
  encode(pass: GPUComputePassEncoder, row: number): void {
    const { belowDhw, patchDhw } = this.job;
    const first = row - belowDhw[1];
    const end = first + patchDhw[1];
    for (const [i, { from, to, cut }] of this.bands.entries()) {
      // The outermost bands also answer for rows beyond the scan.
      const touches = (i === 0 || from < end) && (i === this.bands.length - 1 || to > first);
      if (touches) dispatch(pass, cut);
    }
  }
}
