import { describe, expect, it } from 'vitest';
import { CancelledError, GpuLostError, InvalidInputError, UnsupportedDeviceError } from '../../core/errors';
import type { AdapterFacts } from '../gpu/adapter';
import { outOfMemory } from '../gpu/gpuMemory';
import { type DeviceFacts, decideProvider, nextProvider, recovery, wasmThreads } from './chooseProvider';

const nvidia: AdapterFacts = {
  vendor: 'nvidia',
  architecture: 'ampere',
  device: '',
  description: '',
  isFallbackAdapter: false,
};
const swiftshader: AdapterFacts = { ...nvidia, vendor: 'google', architecture: 'swiftshader' };
const machine: DeviceFacts = { webgpu: true, adapter: nvidia, hardwareConcurrency: 16, crossOriginIsolated: true };

describe('decideProvider', () => {
  it('takes our kernels where they were measured to be faster, and says both times', () => {
    const speeds = { gpuMs: 0.432, gpuAtLeast: false, cpuMs: 12.4 };
    expect(decideProvider('auto', machine, speeds)).toEqual({
      provider: 'wgsl',
      adapter: 'nvidia ampere',
      reason:
        "Running Organscope's own kernels: a test convolution took 0.43 ms on nvidia ampere, 12 ms on 8 CPU threads.",
    });
    const { reason } = decideProvider('auto', machine, { ...speeds, cpuMs: null });
    expect(reason).toContain('0.43 ms on nvidia ampere, less than 8 CPU threads can reach');
  });

  it('takes WebAssembly where that was measured to be faster, on a software adapter and on a slow real one', () => {
    const speeds = { gpuMs: 57.2, gpuAtLeast: true, cpuMs: 9.84 };
    expect(decideProvider('auto', { ...machine, adapter: swiftshader, hardwareConcurrency: 2 }, speeds)).toEqual({
      provider: 'wasm',
      adapter: '2 threads',
      reason:
        'A test convolution took 9.8 ms on 2 CPU threads, at least 57 ms on the WebGPU adapter, a software one (SwiftShader); running on 2 CPU threads.',
    });
    const slow = decideProvider('auto', machine, { ...speeds, gpuAtLeast: false });
    expect(slow).toMatchObject({ provider: 'wasm', reason: expect.stringContaining('57 ms on nvidia ampere;') });
  });

  it('goes by the kind of adapter when nothing could be measured', () => {
    expect(decideProvider('auto', machine, null)).toMatchObject({ provider: 'wgsl', adapter: 'nvidia ampere' });
    const info = decideProvider('auto', { ...machine, adapter: swiftshader }, null);
    expect(info).toMatchObject({ provider: 'wasm', reason: expect.stringContaining('software one (SwiftShader)') });
  });

  it.each([
    ['no WebGPU', { webgpu: false, adapter: null }],
    ['no graphics adapter', { webgpu: true, adapter: null }],
  ])('takes WebAssembly when there is %s, and says so', (why, facts) => {
    const info = decideProvider('auto', { ...machine, ...facts });
    expect(info.provider).toBe('wasm');
    expect(info.reason).toContain(why);
  });

  it.each([[{ webgpu: false }], [{ webgpu: true }]])(
    'refuses an explicit WebGPU without an adapter (%o) and names the way out',
    (facts) => {
      expect(() => decideProvider('webgpu', { ...machine, ...facts, adapter: null })).toThrow(
        expect.objectContaining({ name: 'UnsupportedDeviceError', message: expect.stringContaining('"wasm"') }),
      );
    },
  );

  it('obeys an explicit WebGPU on a software adapter, with a warning', () => {
    const info = decideProvider('webgpu', { ...machine, adapter: swiftshader });
    expect(info).toMatchObject({ provider: 'webgpu', adapter: 'google swiftshader (software)' });
    expect(info.reason).toContain('slower');
  });

  it('obeys an explicit WebAssembly on a machine with a GPU', () => {
    expect(decideProvider('wasm', machine)).toMatchObject({ provider: 'wasm', adapter: '8 threads' });
  });

  it('says aloud that a page without cross-origin isolation has one thread', () => {
    const info = decideProvider('wasm', { ...machine, crossOriginIsolated: false });
    expect(info.adapter).toBe('1 thread');
    expect(info.reason).toContain('COOP/COEP');
  });
});

describe('nextProvider', () => {
  const wgsl = decideProvider('auto', machine, null);

  it('goes from our kernels to those of ONNX Runtime, then to the processor, and keeps the reason', () => {
    const second = nextProvider(wgsl, machine, new Error('A shader does not compile.\n  1 fn main'));
    expect(second).toMatchObject({ provider: 'webgpu', adapter: 'nvidia ampere' });
    expect(second?.reason).toBe("A shader does not compile. Instead: ONNX Runtime's WebGPU provider on nvidia ampere.");
    const third = nextProvider(second as typeof wgsl, machine, new Error('The device was lost.'));
    expect(third).toEqual({
      provider: 'wasm',
      adapter: '8 threads',
      reason: 'The device was lost. Instead: 8 CPU threads.',
    });
    expect(nextProvider(third as typeof wgsl, machine, new Error('No.'))).toBeNull();
  });

  it('does not try a second path on a software adapter', () => {
    expect(nextProvider(wgsl, { ...machine, adapter: swiftshader }, new Error('No.'))?.provider).toBe('wasm');
  });
});

describe('recovery', () => {
  const wgsl = decideProvider('auto', machine, null);
  const lost = new GpuLostError(
    'gpu-lost',
    'The graphics device was lost (hung). Run again; if it happens repeatedly, choose "wasm".',
  );

  it.each(['auto', 'wgsl'] as const)('opens a device that failed once more, and says so (%s)', (choice) => {
    const again = recovery(choice, wgsl, machine, lost, false);
    expect(again).toMatchObject({ provider: 'wgsl', adapter: 'nvidia ampere' });
    expect(again?.reason).toMatch(/ The graphics device was lost \(hung\)\. The run was started again\.$/);
  });

  it('goes on to the next provider the second time, where the choice is ours', () => {
    expect(recovery('auto', wgsl, machine, lost, true)).toMatchObject({
      provider: 'webgpu',
      reason: "The graphics device was lost (hung). Instead: ONNX Runtime's WebGPU provider on nvidia ampere.",
    });
    expect(recovery('wgsl', wgsl, machine, lost, true)).toBeNull();
  });

  it('goes to the processor for want of memory, and says how much was wanted', () => {
    const next = recovery('auto', wgsl, machine, outOfMemory('the network', 812e6), false);
    expect(next).toMatchObject({
      provider: 'wasm',
      reason: 'The graphics processor has no memory left for the network, which needs 812 MB. Instead: 8 CPU threads.',
    });
    const limit = new UnsupportedDeviceError('gpu-limit', 'Too large.');
    expect(recovery('auto', wgsl, machine, limit, false)?.provider).toBe('wasm');
    expect(recovery('wgsl', wgsl, machine, limit, false)).toBeNull();
  });

  it('does not try elsewhere what is the fault of the scan or was cancelled', () => {
    expect(recovery('auto', wgsl, machine, new InvalidInputError('no-contrast', 'Flat.'), false)).toBeNull();
    expect(recovery('auto', wgsl, machine, new CancelledError(), false)).toBeNull();
    const tooLarge = new InvalidInputError('volume-too-large', 'Too large.');
    expect(recovery('auto', wgsl, machine, tooLarge, false)?.provider).toBe('wasm');
  });
});

describe('wasmThreads', () => {
  it('is between 1 and 8', () => {
    expect([0, 1, 4, 64].map((n) => wasmThreads({ ...machine, hardwareConcurrency: n }))).toEqual([1, 1, 4, 8]);
  });
});
