/**
 * Long work that stops now and then, so that whoever runs it can let other things happen: a cancel reaches a worker only
 * while none of its code is running.
 */

/** Yields after every piece of work that may take some milliseconds on a large scan; its return value is the result. */
export type Steps<T> = Generator<void, T, void>;

/** Does all the work without a stop. */
export function allAtOnce<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (!step.done) step = steps.next();
  return step.value;
}

/** How long work goes on without a stop, milliseconds, beside one piece. */
const PAUSE_EVERY_MS = 40;

/**
 * Does the work with stops.
 * @param pause awaited at the stops; the work ends with what it rejects with
 */
export async function withPauses<T>(steps: Steps<T>, pause: () => Promise<void>): Promise<T> {
  for (let lastPause = performance.now(); ; ) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - lastPause < PAUSE_EVERY_MS) continue;
    await pause();
    lastPause = performance.now();
  }
}

/** map() for work in steps. */
export function* eachInSteps<T, R>(items: readonly T[], work: (item: T, index: number) => Steps<R>): Steps<R[]> {
  const results: R[] = [];
  for (const [index, item] of items.entries()) results.push(yield* work(item, index));
  return results;
}

/** Values that a plain loop goes through between two stops. */
const BLOCK = 2 ** 20;

/** Goes through 0 .. length - 1 in blocks. @param work done for [from, to) */
export function* eachBlock(length: number, work: (from: number, to: number) => void): Steps<void> {
  for (let from = 0; from < length; from += BLOCK) {
    work(from, Math.min(length, from + BLOCK));
    yield;
  }
}
