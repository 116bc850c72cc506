import { afterEach, expect, it, vi } from 'vitest';
import type { MeasuredSpeeds } from '../protocol';
import type { DeviceFacts } from './chooseProvider';
import { choiceWithout, describeDevice } from './describeDevice';

afterEach(() => vi.unstubAllGlobals());

const info = (vendor: string) => ({ vendor, architecture: 'x', device: '', description: '', isFallbackAdapter: false });
const adapterOf = (vendor: string) => ({
  info: info(vendor),
  limits: { maxBufferSize: 1000, maxBindGroups: 4 },
  features: new Set(['shader-f16', 'depth-clip-control']),
});

function machine(adapters: Partial<Record<GPUPowerPreference, string>> | null, others: object = {}) {
  const gpu = adapters && {
    requestAdapter: async ({ powerPreference }: { powerPreference: GPUPowerPreference }) => {
      const vendor = adapters[powerPreference];
      return vendor ? adapterOf(vendor) : null;
    },
  };
  vi.stubGlobal('navigator', { hardwareConcurrency: 6, ...(gpu && { gpu }), ...others });
}

it('describes a machine without WebGPU', async () => {
  machine(null, { deviceMemory: 8, storage: { getDirectory: () => Promise.reject(new Error('private window')) } });
  const report = await describeDevice({ provider: 'auto' });
  expect(report).toMatchObject({ webgpu: false, adapter: null, lowPowerAdapter: null, logicalProcessors: 6 });
  expect(report).toMatchObject({ wasmThreads: 1, wasmSimd: true, deviceMemoryGb: 8, privateFileSystem: false });
  expect(report.chosen?.provider).toBe('wasm');
  expect((await describeDevice({ provider: 'wgsl' })).chosen).toBeNull();
});

it('names the adapter, what it offers of what we use, and the other one of a laptop', async () => {
  machine({ 'high-performance': 'nvidia', 'low-power': 'intel' }, { storage: { getDirectory: async () => ({}) } });
  const report = await describeDevice({ provider: 'auto' });
  expect(report.adapter).toEqual({
    ...info('nvidia'),
    software: null,
    limits: { maxBufferSize: 1000 },
    features: ['shader-f16'],
  });
  expect(report.lowPowerAdapter).toEqual(info('intel'));
  expect(report).toMatchObject({ webgpu: true, privateFileSystem: true, deviceMemoryGb: null });
  // Not measured: nobody knows what 'auto' would take.
  expect(report).toMatchObject({ chosen: null, speeds: null });
  machine({ 'high-performance': 'nvidia', 'low-power': 'nvidia' });
  expect((await describeDevice({ provider: 'wgsl' })).lowPowerAdapter).toBeNull();
});

it('says what a run would choose by what was measured', () => {
  const facts: DeviceFacts = { webgpu: true, adapter: info('a'), hardwareConcurrency: 4, crossOriginIsolated: true };
  const speeds: MeasuredSpeeds = {
    ...{ gflops: 100, gpuMs: 5, gpuAtLeast: false, cpuMs: 20, uploadGbPerS: null, readbackGbPerS: null },
    measuredAt: '',
  };
  expect(choiceWithout('auto', facts, null)).toBeNull();
  expect(choiceWithout('auto', facts, speeds)?.provider).toBe('wgsl');
  expect(choiceWithout('auto', facts, { ...speeds, gpuMs: 50 })?.provider).toBe('wasm');
  expect(choiceWithout('wgsl', { ...facts, adapter: null }, speeds)).toBeNull();
});
