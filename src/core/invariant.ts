import { InternalError } from './errors';

/**
 * A kernel's own rule about its shapes.
 * @param rule for developers, as are all of its sentence's words
 * @throws InternalError(`kernel-shape`) naming the kernel when it does not hold
 */
export function invariant(condition: boolean, kernel: string, rule: () => string): asserts condition {
  if (!condition) throw new InternalError('kernel-shape', { kernel, rule: rule() });
}
