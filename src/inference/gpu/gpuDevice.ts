/** The GPUDevice the network runs on, requested by us so that its limits are chosen and its failure is noticed. */
import { UnsupportedDeviceError } from '../../core/errors';
import { reasonOf } from '../../core/messages';
import type { AdapterReport } from '../protocol';
import { OwnedDevice } from './ownedDevice';

/** Limits raised from the WebGPU default to what the adapter offers, and why the network needs more. */
const LIMITS: readonly (readonly [limit: keyof GPUSupportedLimits & string, why: string])[] = [
  ['maxBufferSize', 'full-resolution feature maps: 32 channels x 128^3 voxels are 256 MiB, the default limit'],
  ['maxStorageBufferBindingSize', 'each feature map is one binding; the default is 128 MiB'],
  ['maxStorageBuffersPerShaderStage', 'concatenations of skip connections bind every input at once'],
  ['maxComputeWorkgroupStorageSize', 'tiled matrix products stage both operands'],
  ['maxComputeInvocationsPerWorkgroup', 'row reductions (softmax, instance norm) use wide workgroups'],
  ['maxComputeWorkgroupSizeX', 'as above'],
  ['maxComputeWorkgroupSizeY', 'as above'],
  ['maxComputeWorkgroupSizeZ', 'as above'],
  ['maxComputeWorkgroupsPerDimension', 'one workgroup per group of output voxels'],
];

/** Features onnxruntime-web uses when they are there; none is required. */
const FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups' as GPUFeatureName, 'timestamp-query'];

/** The adapter to use, or null. A fresh one each time: it gives a device only once. */
export async function requestAdapter(
  powerPreference: GPUPowerPreference = 'high-performance',
): Promise<GPUAdapter | null> {
  const gpu = navigator.gpu as GPU | undefined;
  return (await gpu?.requestAdapter({ powerPreference }).catch(() => null)) ?? null;
}

/** What an adapter offers of what the network uses. */
export function offeredBy({ limits, features }: GPUAdapter): Pick<AdapterReport, 'limits' | 'features'> {
  const offered = LIMITS.flatMap(([limit]) => (typeof limits[limit] === 'number' ? [[limit, limits[limit]]] : []));
  return { limits: Object.fromEntries(offered), features: FEATURES.filter((feature) => features.has(feature)) };
}

/** @throws UnsupportedDeviceError when the adapter refuses a device */
export async function requestDevice(adapter: GPUAdapter): Promise<OwnedDevice> {
  const { limits: requiredLimits, features } = offeredBy(adapter);
  try {
    return new OwnedDevice(
      await adapter.requestDevice({
        label: 'organscope inference',
        requiredFeatures: features as GPUFeatureName[],
        requiredLimits,
      }),
    );
  } catch (cause) {
    throw new UnsupportedDeviceError('no-gpu-device', { why: reasonOf(cause) }, { cause });
  }
}
