/**
 * A WebGPU device in Node, for tests and benchmarks: Dawn (npm `webgpu`) on SwiftShader unless the environment names
 * another Vulkan driver (scripts/softwareVulkan.mjs). Real shader compilation and execution, without a browser.
 */
import { create, globals } from 'webgpu';

/** Used by benchmarks and by variants of kernels; none is required. */
const FEATURES: readonly GPUFeatureName[] = ['timestamp-query', 'shader-f16', 'subgroups'];

/** Dawn's instance has to outlive its adapters. */
let gpu: GPU | undefined;

/** A fresh device with the adapter's own limits, or null with a printed reason when the machine offers none. */
export async function openGpuDevice(): Promise<GPUDevice | null> {
  Object.assign(globalThis, globals);
  gpu ??= create([]);
  const adapter = await gpu.requestAdapter();
  if (!adapter) {
    console.warn('GPU tests skipped: no Vulkan driver, and no Chromium with SwiftShader (vk_swiftshader_icd.json).');
    return null;
  }
  const names = ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage'] as const;
  const device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(names.map((name) => [name, adapter.limits[name]])),
    requiredFeatures: FEATURES.filter((feature) => adapter.features.has(feature)),
  });
  device.addEventListener('uncapturederror', (event) =>
    console.error((event as GPUUncapturedErrorEvent).error.message),
  );
  return device;
}
