/** Releasing what was opened, whatever happens on the way. */

/**
 * Runs every step in turn, though others fail.
 * @throws the first error, when all were tried
 */
export async function releaseAll(steps: Iterable<() => unknown>): Promise<void> {
  let failed: { readonly error: unknown } | null = null;
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failed ??= { error };
    }
  }
  if (failed) throw failed.error;
}

/** Releases after a failure, which stays the one to report. @returns the error that led here */
export async function releaseAfter(error: unknown, steps: Iterable<() => unknown>): Promise<unknown> {
  await releaseAll(steps).catch(() => undefined);
  return error;
}
