import { InternalError } from './errors';

/** A kernel's own rule about its shapes. @throws InternalError(`kernel-shape`) naming the kernel when it does not hold */
export function invariant(condition: boolean, label: string, message: () => string): asserts condition {
  if (!condition) throw new InternalError('kernel-shape', `${label}: ${message()}`);
}
