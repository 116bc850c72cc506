/** Copies of buffers on the CPU: a round trip of milliseconds, for tests, benchmarks and parts that run on the CPU. */
import type { OwnedDevice } from './ownedDevice';

/** What follows when the device fails meanwhile; by default whatever WebGPU does. */
type Watch = Pick<OwnedDevice, 'race' | 'confirm'>;

/**
 * @param bytes from its beginning, a multiple of 4
 * @param watch the device's owner: then nothing is given that the device has not answered for
 * @throws why the device failed
 */
export async function readBuffer(
  device: GPUDevice,
  buffer: GPUBuffer,
  bytes: number,
  watch?: Watch,
): Promise<ArrayBuffer> {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
  const staging = device.createBuffer({ label: 'readback', size: bytes, usage });
  try {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    const mapped = staging.mapAsync(GPUMapMode.READ);
    await (watch ? watch.race(mapped) : mapped);
    await watch?.confirm();
    return staging.getMappedRange().slice(0);
  } finally {
    staging.destroy();
  }
}
