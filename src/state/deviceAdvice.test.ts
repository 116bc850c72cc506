import { expect, it } from 'vitest';
import type { AdapterReport, DeviceReport } from '../inference/protocol';
import { deviceAdvice } from './deviceAdvice';

const card: AdapterReport = {
  vendor: 'nvidia',
  architecture: 'ampere',
  device: '',
  description: '',
  isFallbackAdapter: false,
  software: null,
  limits: { maxBufferSize: 2 ** 32, maxStorageBufferBindingSize: 2 ** 31 },
  features: ['shader-f16'],
};
const good: DeviceReport = {
  webgpu: true,
  adapter: card,
  lowPowerAdapter: null,
  logicalProcessors: 8,
  crossOriginIsolated: true,
  wasmThreads: 8,
  wasmSimd: true,
  deviceMemoryGb: 8,
  privateFileSystem: true,
  chosen: null,
  speeds: null,
};
const withAdapter = (change: Partial<AdapterReport>) => ({ ...good, adapter: { ...card, ...change } });
const codes = (device: DeviceReport) => deviceAdvice(device).map(({ text }) => text.code);

it.each<[string, DeviceReport, string[]]>([
  ['a graphics card', good, []],
  ['no WebGPU', { ...good, webgpu: false, adapter: null }, ['advice-no-webgpu']],
  ['no adapter', { ...good, adapter: null }, ['advice-no-adapter']],
  ['software', withAdapter({ software: 'WARP', features: [] }), ['advice-software']],
  ['graphics in the processor', withAdapter({ vendor: 'intel', architecture: 'gen-12lp' }), ['advice-weak-graphics']],
  ['more of them', withAdapter({ vendor: 'intel', architecture: 'xe-lpg' }), ['advice-weak-graphics']],
  ["a card of Intel's", withAdapter({ vendor: 'intel', architecture: 'xe-2hpg' }), []],
  ["another card of Intel's", withAdapter({ vendor: 'intel', architecture: 'gen-12hp' }), []],
  ['small limits', withAdapter({ limits: { ...card.limits, maxBufferSize: 2 ** 28 } }), ['advice-small-limits']],
  ['no 16-bit numbers', withAdapter({ features: [] }), ['advice-no-fp16']],
  ['one thread', { ...good, crossOriginIsolated: false }, ['advice-not-isolated']],
  ['an old browser', { ...good, wasmSimd: false }, ['advice-no-simd']],
  ['little memory', { ...good, deviceMemoryGb: 4 }, ['advice-little-memory']],
  ['memory that is not told', { ...good, deviceMemoryGb: null }, []],
  ['a private window', { ...good, privateFileSystem: false }, ['advice-no-private-files']],
])('of %s', (_, device, expected) => {
  expect(codes(device)).toEqual(expected);
});
