/** Work that takes turns, for what there is only so much of: at most so many at a time, in the order of asking. */
import { CancelledError } from './errors';

interface Waiting {
  readonly start: () => void;
  readonly reject: (error: CancelledError) => void;
}

/** What waits can be cancelled, and does not depend on how that before it ends. */
export class Turns {
  private readonly waiting: Waiting[] = [];
  private free: number;

  constructor(places: number) {
    this.free = places;
  }

  /**
   * Begins the work at once where a place is free, else when one gets free.
   * @throws CancelledError when `signal` aborts before the work begins; afterwards it is the work's own affair
   */
  take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(new CancelledError());
    return new Promise<T>((resolve, reject) => {
      const onAbort = () => {
        const place = this.waiting.indexOf(one);
        if (place >= 0) this.waiting.splice(place, 1);
        reject(new CancelledError());
      };
      const one: Waiting = {
        reject,
        start: () => {
          signal?.removeEventListener('abort', onAbort);
          this.free--;
          // Begun at once, and a failure to begin is a failure of the work.
          new Promise<T>((begin) => begin(work())).then(resolve, reject).finally(() => {
            this.free++;
            this.next();
          });
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.waiting.push(one);
      this.next();
    });
  }

  /** Cancels what waits. */
  clear(): void {
    for (const { reject } of this.waiting.splice(0)) reject(new CancelledError());
  }

  private next(): void {
    if (this.free > 0) this.waiting.shift()?.start();
  }
}
