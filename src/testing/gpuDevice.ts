/**
 * A WebGPU device in Node, for tests: Dawn (npm `webgpu`) on SwiftShader unless the environment names another Vulkan
 * driver (scripts/softwareVulkan.mjs). Real shader compilation and execution, without a browser.
 */
import { create, globals } from 'webgpu';

/** Variants of kernels need them and SwiftShader has them: on an adapter without, such tests would test nothing. */
const REQUIRED: readonly GPUFeatureName[] = ['timestamp-query', 'subgroups'];
/** SwiftShader lacks it; where there is one, a variant more is tested. */
const OPTIONAL: readonly GPUFeatureName[] = ['shader-f16'];

/** Dawn's instance has to outlive its adapters. */
let gpu: GPU | undefined;

/**
 * A fresh device with the adapter's own limits and every feature of it that a kernel can use.
 * @throws when the machine offers no such adapter: a sentence with what to install
 */
export async function openGpuDevice(): Promise<GPUDevice> {
  Object.assign(globalThis, globals);
  gpu ??= create([]);
  const adapter = requireAdapter(await gpu.requestAdapter());
  const names = ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxStorageBuffersPerShaderStage'] as const;
  const device = await adapter.requestDevice({
    requiredLimits: Object.fromEntries(names.map((name) => [name, adapter.limits[name]])),
    requiredFeatures: [...REQUIRED, ...OPTIONAL.filter((feature) => adapter.features.has(feature))],
  });
  device.addEventListener('uncapturederror', (event) =>
    console.error((event as GPUUncapturedErrorEvent).error.message),
  );
  return device;
}

/**
 * @returns the adapter, when every test can run on it
 * @throws a sentence with what to install
 */
export function requireAdapter(adapter: GPUAdapter | null): GPUAdapter {
  const remedy =
    'install Chromium, whose SwiftShader serves any machine (Debian: apt-get install chromium), set CHROMIUM to an ' +
    'installed one, or set VK_DRIVER_FILES to the .json of another Vulkan driver.';
  if (!adapter) throw new Error(`The GPU tests need a Vulkan driver and none was found: ${remedy}`);
  const missing = REQUIRED.filter((feature) => !adapter.features.has(feature));
  if (missing.length > 0) {
    const name = adapter.info.description || adapter.info.vendor;
    throw new Error(`The GPU tests need ${missing.join(', ')}, which the adapter ${name} does not have: ${remedy}`);
  }
  return adapter;
}
