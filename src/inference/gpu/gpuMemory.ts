/** Graphics memory that is not there, said in sizes and what to do. */
import { UnsupportedDeviceError } from '../../core/errors';
import { ScopeError, withErrorScopes } from './errorScopes';
import type { Recorder } from './recorder';

/** What the user can do about it. */
export const WAYS_OUT =
  ' Close other tabs and programs that use the graphics processor, choose "wasm", or a smaller model.';

export const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;

/**
 * @param what needs it, as in 'no memory left for WHAT'
 * @param bytes all that it needs, where that is known
 */
export function outOfMemory(what: string, bytes?: number, options?: ErrorOptions): UnsupportedDeviceError {
  const size = bytes === undefined ? '' : `, which needs ${megabytes(bytes)}`;
  return new UnsupportedDeviceError(
    'gpu-memory',
    `The graphics processor has no memory left for ${what}${size}.${WAYS_OUT}`,
    options,
  );
}

/**
 * Allocates, and says so in words when the device has no memory for it.
 * @param what,bytes as in `outOfMemory`
 * @throws UnsupportedDeviceError('gpu-memory'); ScopeError for another error of the device; what `allocate` throws
 */
export async function allocated<T>(device: GPUDevice, what: string, bytes: number, allocate: () => T): Promise<T> {
  try {
    return await withErrorScopes(device, allocate);
  } catch (error) {
    const isMemory = error instanceof ScopeError && error.filter === 'out-of-memory';
    throw isMemory ? outOfMemory(what, bytes, { cause: error }) : error;
  }
}

/** The limits of a device that decide how large a tensor may be. */
export type TensorLimits = Pick<
  GPUSupportedLimits,
  'maxBufferSize' | 'maxStorageBufferBindingSize' | 'maxUniformBufferBindingSize'
>;

/**
 * Looks at every tensor of a record before memory is asked for.
 * @throws UnsupportedDeviceError('gpu-limit') with the largest tensor that the device cannot hold in one buffer
 */
export function requireTensorsFit({ tensors }: Pick<Recorder, 'tensors'>, limits: TensorLimits): void {
  const ordered = [...tensors].sort((a, b) => b.bytes - a.bytes);
  for (const { label, bytes, uniform } of ordered) {
    const binding = uniform ? 'maxUniformBufferBindingSize' : 'maxStorageBufferBindingSize';
    const limit = limits.maxBufferSize < limits[binding] ? 'maxBufferSize' : binding;
    if (bytes <= limits[limit]) continue;
    throw new UnsupportedDeviceError(
      'gpu-limit',
      `The network needs ${megabytes(bytes)} of graphics memory in one piece (${label}), and this graphics processor gives at most ${megabytesDown(limits[limit])} (${limit}). Choose "wasm", or a model with a smaller patch.`,
    );
  }
}

const megabytesDown = (bytes: number) => `${Math.floor(bytes / 1e6)} MB`;
