/**
 * Who may touch what the browser keeps of models, among all tabs of this page. Several may read, one may write: whoever
 * sweeps must not do it between somebody else's first piece and record.
 */
import { Turns } from '../core/turns';

const NAME = 'organscope-models';

/** For browsers without Web Locks: this thread's own calls take turns. */
const withoutLocks = new Turns(1);

function locked<T>(mode: LockMode, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const locks = (globalThis.navigator as Navigator | undefined)?.locks;
  if (!locks) return withoutLocks.take(work);
  return locks.request(NAME, { mode, ...(signal && { signal }) }, work) as Promise<T>;
}

/** Runs `work` while nobody writes. */
export const whileReading = <T>(work: () => Promise<T>): Promise<T> => locked('shared', work);

/**
 * Runs `work` while nobody else reads or writes.
 * @param signal ends the waiting, with its reason; not the work
 */
export const whileWriting = <T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
  locked('exclusive', work, signal);
