/** Graphics memory that is not there, said in sizes and what to do. */
import { UnsupportedDeviceError } from '../../core/errors';
import { type Message, message } from '../../core/messages';
import { ScopeError, withErrorScopes } from './errorScopes';
import type { Recorder } from './recorder';

export const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;

/**
 * @param what needs it, as in 'no memory left for WHAT'
 * @param bytes all that it needs, where that is known
 */
export function outOfMemory(what: Message, bytes?: number, options?: ErrorOptions): UnsupportedDeviceError {
  const happened =
    bytes === undefined
      ? message('no-memory-for', { what })
      : message('no-memory-for-size', { what, size: megabytes(bytes) });
  return new UnsupportedDeviceError('gpu-memory', { happened }, options);
}

/**
 * Allocates, and says so when the device has no memory for it.
 * @param what,bytes as in `outOfMemory`
 * @throws UnsupportedDeviceError('gpu-memory'); ScopeError for another error of the device; what `allocate` throws
 */
export async function allocated<T>(device: GPUDevice, what: Message, bytes: number, allocate: () => T): Promise<T> {
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
    const most = megabytesDown(limits[limit]);
    throw new UnsupportedDeviceError('gpu-limit', { needed: megabytes(bytes), label, most, limit });
  }
}

const megabytesDown = (bytes: number) => `${Math.floor(bytes / 1e6)} MB`;
