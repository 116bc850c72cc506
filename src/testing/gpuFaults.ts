/** Devices that misbehave on purpose, over a real one. */

/** @returns a stand-in for `target` in which `own` replaces members; methods still belong to the real object */
function standIn<T extends object>(target: T, own: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      if (key in own) return own[key as keyof T];
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/**
 * A device that refuses submits: the queue gets commands that use a destroyed buffer instead. Counts them all. The real
 * device outlives it.
 */
export function refusingDevice(device: GPUDevice, isRefused: (submit: number) => boolean) {
  const counter = { submits: 0 };
  const { COPY_SRC, COPY_DST } = GPUBufferUsage;
  const dead = device.createBuffer({ size: 16, usage: COPY_SRC });
  const alive = device.createBuffer({ size: 16, usage: COPY_DST });
  dead.destroy();
  const queue = standIn(device.queue, {
    submit(commands: Iterable<GPUCommandBuffer>) {
      if (!isRefused(counter.submits++)) {
        device.queue.submit(commands);
        return undefined;
      }
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(dead, 0, alive, 0, 16);
      device.queue.submit([encoder.finish()]);
      return undefined;
    },
  });
  return { device: standIn(device, { queue, destroy: () => undefined }), counter };
}

/** A device without a clock of its own, whose queue says `lateMs` late that it is done. */
export function lateDevice(device: GPUDevice, lateMs: number): GPUDevice {
  const features = new Set([...device.features].filter((feature) => feature !== 'timestamp-query'));
  const queue = standIn(device.queue, {
    async onSubmittedWorkDone() {
      await device.queue.onSubmittedWorkDone();
      await new Promise((resolve) => setTimeout(resolve, lateMs));
      return undefined;
    },
  });
  return standIn(device, { features: features as GPUSupportedFeatures, queue });
}

/** A device that counts the buffers which are alive. */
export function countingDevice(device: GPUDevice) {
  const live = new Set<GPUBuffer>();
  const counted = standIn(device, {
    createBuffer(descriptor: GPUBufferDescriptor) {
      const buffer = device.createBuffer(descriptor);
      const destroy = buffer.destroy.bind(buffer);
      live.add(buffer);
      buffer.destroy = () => {
        live.delete(buffer);
        return destroy();
      };
      return buffer;
    },
  });
  return { counted, live };
}

/**
 * A device on which work takes time by a made-up clock, and nothing is computed.
 * @param gflops of every workgroup dispatched, which has `flopsPerWorkgroup` operations
 * @param answeredAt when the browser says that what is done at a time is done, both in milliseconds
 * @returns `now`, to stand in for performance.now
 */
export function clockedDevice(
  device: GPUDevice,
  gflops: number,
  flopsPerWorkgroup: number,
  answeredAt: (doneAt: number) => number,
) {
  let [now, doneAt, workgroups] = [0, 0, 0];
  const ignored = () => undefined;
  const pass = {
    ...{ setPipeline: ignored, setBindGroup: ignored, end: ignored },
    dispatchWorkgroups(x: number, y = 1, z = 1) {
      workgroups += x * y * z;
    },
  };
  const queue = standIn(device.queue, {
    submit() {
      doneAt = Math.max(now, doneAt) + (workgroups * flopsPerWorkgroup) / gflops / 1e6;
      workgroups = 0;
      return undefined;
    },
    async onSubmittedWorkDone() {
      const answer = answeredAt(Math.max(now, doneAt));
      await Promise.resolve();
      now = Math.max(now, answer);
      return undefined;
    },
  });
  const clocked = standIn(device, {
    ...{ queue, features: new Set<string>() as unknown as GPUSupportedFeatures },
    createCommandEncoder: () => ({ beginComputePass: () => pass, finish: ignored }) as unknown as GPUCommandEncoder,
  });
  return { clocked, now: () => now };
}
