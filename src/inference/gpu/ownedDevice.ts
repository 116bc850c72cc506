/**
 * The one owner of a GPU device. WebGPU says what went wrong beside the calls, later, and only to who listens: loss by a
 * promise, errors by an event. Calls that were refused leave stale numbers behind, which look like any others. So whatever
 * comes back from a device is raced against its failure (`race`) and handed on only when the device has answered for
 * everything before it (`confirm`); a device that failed once is never used again.
 */
import { type AppError, GpuLostError } from '../../core/errors';
import { message } from '../../core/messages';
import { outOfMemory } from './gpuMemory';

/** A loss or an error is announced a moment after the call that it broke. */
const ANNOUNCED_MS = 50;

export class OwnedDevice {
  /** Rejects when the device is lost or reports an error that nobody caught; never resolves. */
  readonly failed: Promise<never>;
  private failure: AppError | null = null;
  private announce: (error: AppError) => void = () => undefined;
  private destroyed = false;
  /** Of the races under way. A race on `failed` itself would keep every value that ever won it as long as the device. */
  private readonly racing = new Set<(error: AppError) => void>();

  constructor(readonly device: GPUDevice) {
    this.failed = new Promise<never>((_, reject) => {
      this.announce = reject;
    });
    // Without anything in flight the next run asks `error`.
    this.failed.catch(() => undefined);
    device.lost.then((lost) =>
      this.fail(
        new GpuLostError('gpu-lost', { happened: message('device-lost', { why: lost.message || lost.reason }) }),
      ),
    );
    device.addEventListener('uncapturederror', this.onError);
  }

  private readonly onError = ({ error }: GPUUncapturedErrorEvent) => this.fail(reported(error));

  /** Why the device is not to be used any more, null while it is. */
  get error(): AppError | null {
    return this.failure;
  }

  /** Makes the device count as failed; the first reason stays. */
  fail(error: AppError): void {
    if (this.destroyed || this.failure) return;
    this.failure = error;
    this.announce(error);
    for (const lose of this.racing) lose(error);
  }

  /** @throws why the device is not to be used any more */
  check(): void {
    if (this.failure) throw this.failure;
  }

  /** What `work` gives, from a device that has not failed. @throws why it failed, or what `work` rejects with */
  async race<T>(work: Promise<T>): Promise<T> {
    let lose: (error: AppError) => void = () => undefined;
    const failed = new Promise<never>((_, reject) => {
      lose = reject;
    });
    this.racing.add(lose);
    if (this.failure) lose(this.failure);
    try {
      const value = await Promise.race([work, failed]);
      this.check();
      return value;
    } finally {
      this.racing.delete(lose);
    }
  }

  /**
   * Resolves when the device has answered for every call before this one: errors travel ahead of the answer. Does not wait
   * for work under way.
   * @throws why it failed
   */
  async confirm(): Promise<void> {
    this.check();
    this.device.pushErrorScope('validation');
    await this.race(this.device.popErrorScope());
  }

  /** As `confirm`, when all work submitted so far is done. */
  async settle(): Promise<void> {
    await this.race(this.device.queue.onSubmittedWorkDone());
    await this.confirm();
  }

  /** Why the device failed, waiting a moment for it to say so; null when it did not. For errors that it may have caused. */
  async whyFailed(): Promise<AppError | null> {
    if (this.failure) return this.failure;
    const soon = new Promise<null>((resolve) => setTimeout(() => resolve(null), ANNOUNCED_MS));
    return Promise.race([this.failed.catch((error: AppError) => error), soon]);
  }

  /** Ends the device. What it says afterwards is no failure. */
  destroy(): void {
    this.destroyed = true;
    this.device.removeEventListener('uncapturederror', this.onError);
    this.device.destroy();
  }
}

function reported(error: GPUError): AppError {
  if (error instanceof GPUOutOfMemoryError) return outOfMemory(message('this-computation'));
  return refused(error.message);
}

/** @param said by the device */
export function refused(said: string, options?: ErrorOptions): GpuLostError {
  const [what] = said.split('\n');
  return new GpuLostError('gpu-error', { happened: message('work-refused', { what }) }, options);
}
