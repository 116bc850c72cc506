import './disposeSymbol';

/** Buffers that live and die together. */
export class OwnedBuffers {
  private readonly buffers: GPUBuffer[] = [];

  constructor(readonly device: GPUDevice) {}

  /** A buffer of at least `bytes`, zero where `data` does not fill it; it can be copied into. */
  create(label: string, bytes: number, usage: GPUBufferUsageFlags, data?: ArrayBufferView<ArrayBuffer>): GPUBuffer {
    const size = Math.max(16, Math.ceil(bytes / 16) * 16);
    const buffer = this.device.createBuffer({ label, size, usage: usage | GPUBufferUsage.COPY_DST });
    this.buffers.push(buffer);
    if (data) {
      // Words are written whole; what is over of halves is padding.
      const { byteOffset, byteLength } = data;
      this.device.queue.writeBuffer(buffer, 0, data.buffer, byteOffset, byteLength - (byteLength % 4));
    }
    return buffer;
  }

  /** Held altogether. */
  get bytes(): number {
    return this.buffers.reduce((sum, buffer) => sum + buffer.size, 0);
  }

  [Symbol.dispose](): void {
    for (const buffer of this.buffers) buffer.destroy();
    this.buffers.length = 0;
  }
}
