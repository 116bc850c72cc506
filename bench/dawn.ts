/** The benchmark in Node, through Dawn (npm `webgpu`): any Vulkan, Metal or D3D12 driver that Dawn finds. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, globals } from 'webgpu';
import { adapterFacts, describeAdapter } from '../src/inference/gpu/adapter';
import { say } from '../src/locales/say';
import { type AdapterReport, reportAdapter } from './ceilings';
import { inWords, type MeasureRequest, measureProvider, type ProviderReport } from './measure';
import { loadNetwork } from './network';

/** Dawn's instance has to outlive its adapters. */
let gpu: GPU | undefined;

/** @returns null when Dawn finds no driver */
async function openAdapter(): Promise<GPUAdapter | null> {
  Object.assign(globalThis, globals);
  gpu ??= create([]);
  // onnxruntime-web asks the browser; it also writes from its shared heap, which Dawn's queue refuses.
  const navigator = { gpu, hardwareConcurrency: 1, userAgent: 'node' };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  copySharedMemory();
  return gpu.requestAdapter({ powerPreference: 'high-performance' });
}

let copies = false;

function copySharedMemory(): void {
  if (copies) return;
  copies = true;
  const { writeBuffer } = GPUQueue.prototype;
  GPUQueue.prototype.writeBuffer = function (this: GPUQueue, buffer, offset, data, from = 0, size) {
    const view: ArrayBufferView = ArrayBuffer.isView(data) ? data : new Uint8Array(data);
    const unit = 'BYTES_PER_ELEMENT' in view ? Number(view.BYTES_PER_ELEMENT) : 1;
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const end = size === undefined ? undefined : unit * (from + size);
    const own =
      view.buffer instanceof SharedArrayBuffer ? bytes.slice(unit * from, end) : bytes.subarray(unit * from, end);
    return writeBuffer.call(this, buffer, offset, own as Uint8Array<ArrayBuffer>);
  };
}

/** @returns null without a driver */
export async function adapter(): Promise<AdapterReport | null> {
  const opened = await openAdapter();
  return opened && reportAdapter(opened);
}

/**
 * @param folder of the network
 * @param ortUrl as in Setting
 */
export async function measure(
  request: MeasureRequest,
  folder: string,
  ortUrl: string,
  onStep: (step: string) => void,
): Promise<ProviderReport> {
  const opened = await openAdapter();
  const network = await loadNetwork(async (file) => {
    const path = join(folder, file);
    return existsSync(path) ? new Uint8Array(readFileSync(path)) : null;
  }).catch(inWords);
  const cpuMs = async () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const adapterName = opened && say(describeAdapter(adapterFacts(opened)));
  return measureProvider(request, { network, adapterName, threads: 1, ortUrl, cpuMs }, onStep).catch(inWords);
}
