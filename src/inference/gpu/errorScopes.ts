/** Errors that a device reports beside the calls that cause them, caught where the calls are made. */

/** In the order in which they explain a failure: what found no memory is invalid afterwards. */
const FILTERS = ['out-of-memory', 'internal', 'validation'] as const satisfies readonly GPUErrorFilter[];

/** What a device found wrong with guarded calls. */
export class ScopeError extends Error {
  constructor(
    readonly filter: (typeof FILTERS)[number],
    message: string,
  ) {
    super(message);
  }
}

/**
 * Makes calls and rejects with the error that the device found with them, which is then not reported elsewhere.
 * Work that is not a promise is looked at alone; with a promise, so is whatever else happens on the device meanwhile.
 * @throws ScopeError; else what `work` throws
 */
export async function withErrorScopes<T>(device: GPUDevice, work: () => T | Promise<T>): Promise<T> {
  for (const filter of FILTERS) device.pushErrorScope(filter);
  let outcome: { readonly value: T } | { readonly thrown: unknown };
  try {
    const made = work();
    outcome = { value: made instanceof Promise ? await made : made };
  } catch (thrown) {
    outcome = { thrown };
  }
  // The last one opened is closed first.
  // A lost device closes none; its owner says so.
  const popped = await Promise.all(FILTERS.map(() => device.popErrorScope().catch(() => null)));
  const errors = popped.reverse();
  const first = errors.findIndex((error) => error !== null);
  if (first >= 0) throw new ScopeError(FILTERS[first], errors[first]?.message ?? '');
  if ('thrown' in outcome) throw outcome.thrown;
  return outcome.value;
}
