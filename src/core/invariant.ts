/**
 * What no file, no scan and no device can cause is a mistake of ours: InternalError('invariant', { what }), or 'kernel-shape'
 * from here. Users cannot act on it, so its words are for developers: English in the parameters, the same in any language.
 */
import { InternalError } from './errors';

/**
 * A kernel's own rule about its shapes.
 * @param rule for developers, as are all of its sentence's words
 * @throws InternalError(`kernel-shape`) naming the kernel when it does not hold
 */
export function invariant(condition: boolean, kernel: string, rule: () => string): asserts condition {
  if (!condition) throw new InternalError('kernel-shape', { kernel, rule: rule() });
}
