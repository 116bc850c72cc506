/** What would make runs faster or possible on this computer, from what it says about itself; never from the browser's name. */
import { type Message, message } from '../core/messages';
import type { AdapterReport, DeviceReport } from '../inference/protocol';

export interface DeviceAdvice {
  readonly text: Message;
  /** Whether settings of the browser or the system for graphics are what to look at. */
  readonly isAboutGraphics: boolean;
}

/** What WebGPU guarantees. An adapter that gives no more is a small one, or the browser holds it back. */
const LEAST_BUFFER_BYTES = 2 ** 28;
/** As browsers tell it: rounded. */
const LITTLE_MEMORY_GB = 4;

/** Intel's graphics are a part of the processor, but for those whose architecture is a high-performance one (Arc cards). */
const isBuiltIn = ({ vendor, architecture }: AdapterReport) =>
  /^intel$/i.test(vendor) && !/\d?hpg?$/.test(architecture);

/** @returns what to do, what gains most first; empty where nothing is known to be wrong */
export function deviceAdvice(device: DeviceReport): readonly DeviceAdvice[] {
  const { adapter } = device;
  const graphics = (text: Message): DeviceAdvice => ({ text, isAboutGraphics: true });
  const other = (text: Message): DeviceAdvice => ({ text, isAboutGraphics: false });
  const advice: DeviceAdvice[] = [];
  if (!device.webgpu) advice.push(graphics(message('advice-no-webgpu')));
  else if (!adapter) advice.push(graphics(message('advice-no-adapter')));
  else if (adapter.software !== null) advice.push(graphics(message('advice-software')));
  else {
    if (isBuiltIn(adapter) && !device.lowPowerAdapter) advice.push(graphics(message('advice-weak-graphics')));
    if (adapter.limits.maxBufferSize <= LEAST_BUFFER_BYTES) advice.push(graphics(message('advice-small-limits')));
    if (!adapter.features.includes('shader-f16')) advice.push(other(message('advice-no-fp16')));
  }
  if (!device.crossOriginIsolated) advice.push(other(message('advice-not-isolated')));
  if (!device.wasmSimd) advice.push(other(message('advice-no-simd')));
  if (device.deviceMemoryGb !== null && device.deviceMemoryGb <= LITTLE_MEMORY_GB) {
    advice.push(other(message('advice-little-memory', { memory: `${device.deviceMemoryGb} GB` })));
  }
  if (!device.privateFileSystem) advice.push(other(message('advice-no-private-files')));
  return advice;
}
