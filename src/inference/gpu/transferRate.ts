/** How fast bytes go to an adapter and come back. */
import { readBuffer } from './readback';

const BYTES = 16 * 2 ** 20;
/** The first round wakes the adapter up and maps memory. */
const ROUNDS = 3;

/** 10^9 bytes a second, the fastest of a few rounds. */
export async function measureTransfer(
  device: GPUDevice,
): Promise<{ readonly uploadGbPerS: number; readonly readbackGbPerS: number }> {
  const { COPY_DST, COPY_SRC } = GPUBufferUsage;
  const buffer = device.createBuffer({ label: 'transfer', size: BYTES, usage: COPY_DST | COPY_SRC });
  const data = new Uint8Array(BYTES);
  const fastest = async (work: () => Promise<unknown>) => {
    let ms = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) {
      const startedAt = performance.now();
      await work();
      ms = Math.min(ms, performance.now() - startedAt);
    }
    // A clock that stands still says as much as the shortest time it can tell.
    return BYTES / Math.max(ms, 0.1) / 1e6;
  };
  try {
    const uploadGbPerS = await fastest(() => {
      device.queue.writeBuffer(buffer, 0, data);
      return device.queue.onSubmittedWorkDone();
    });
    return { uploadGbPerS, readbackGbPerS: await fastest(() => readBuffer(device, buffer, BYTES)) };
  } finally {
    buffer.destroy();
  }
}
