/** Bringing finished labels back while the GPU goes on: a few staging buffers in turn, delivered in order. */
import type { OwnedBuffers } from '../../gpu/ownedBuffers';
import type { OwnedDevice } from '../../gpu/ownedDevice';
import { READBACKS } from './memoryPlan';

/** Receives what was copied: only valid during the call. */
type Deliver = (bytes: Uint8Array) => void;

export class SlabReadback {
  private readonly slots: { readonly buffer: GPUBuffer; delivered: Promise<void> }[];
  private next = 0;
  private last: Promise<void> = Promise.resolve();
  private closed = false;
  private failed: { readonly error: unknown } | null = null;

  constructor(
    private readonly owned: OwnedDevice,
    memory: OwnedBuffers,
    bytes: number,
  ) {
    this.slots = Array.from({ length: READBACKS }, (_, i) => ({
      buffer: memory.create(`readback ${i}`, bytes, GPUBufferUsage.MAP_READ),
      delivered: Promise.resolve(),
    }));
  }

  /**
   * Waits for a staging buffer, lets the caller submit copies into it, and delivers them when they are done.
   * @param submit submits the copies; returns how many bytes were copied
   * Nothing is delivered that the device has not answered for.
   * @throws what an earlier delivery threw
   */
  async read(submit: (staging: GPUBuffer) => number, deliver: Deliver): Promise<void> {
    const slot = this.slots[this.next];
    this.next = (this.next + 1) % this.slots.length;
    await slot.delivered;
    const bytes = submit(slot.buffer);
    const mapped = slot.buffer.mapAsync(GPUMapMode.READ, 0, bytes);
    const previous = this.last;
    const delivered = (async () => {
      await Promise.all([mapped, previous]);
      try {
        await this.owned.confirm();
        if (!this.closed) deliver(new Uint8Array(slot.buffer.getMappedRange(0, bytes)));
      } finally {
        slot.buffer.unmap();
      }
    })();
    // Reported by check() and finish(), perhaps much later.
    delivered.catch((error) => {
      this.failed ??= { error };
    });
    slot.delivered = this.last = delivered;
  }

  /** @throws what a delivery threw */
  check(): void {
    if (this.failed) throw this.failed.error;
  }

  /** Waits for everything under way. @throws what a delivery threw */
  async finish(): Promise<void> {
    await this.last;
  }

  /** Delivers nothing any more; resolves when nothing is under way. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled(this.slots.map(({ delivered }) => delivered));
  }
}
