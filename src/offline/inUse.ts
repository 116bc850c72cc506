/** Whether any window of this page has something open: a lock that all of those hold together. */

const NAME = 'organscope-in-use';

export class InUse {
  private isInUse = false;
  /** While others are asked, this window does not count. */
  private isAsking = false;
  private release: (() => void) | null = null;
  private held: Promise<unknown> = Promise.resolve();

  /** @param locks navigator.locks; one of their own in tests */
  constructor(private readonly locks: Pick<LockManager, 'request'>) {}

  /** Says whether this window has something open now. */
  set(isInUse: boolean): void {
    this.isInUse = isInUse;
    this.update();
  }

  private update(): void {
    const wanted = this.isInUse && !this.isAsking;
    if (wanted === (this.release !== null)) return;
    if (!wanted) {
      this.release?.();
      this.release = null;
      return;
    }
    const until = new Promise<void>((resolve) => {
      this.release = resolve;
    });
    this.held = this.locks.request(NAME, { mode: 'shared' }, () => until).catch(() => undefined);
  }

  /**
   * Does the work while no other window has anything open.
   * @returns false, without having done it, where one has
   */
  async whileOthersAreFree(work: () => Promise<void>): Promise<boolean> {
    this.isAsking = true;
    this.update();
    await this.held;
    try {
      return await this.locks.request(NAME, { ifAvailable: true }, async (lock) => {
        if (lock) await work();
        return lock !== null;
      });
    } finally {
      this.isAsking = false;
      this.update();
    }
  }
}
