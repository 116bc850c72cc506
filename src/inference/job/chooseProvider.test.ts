import { describe, expect, it } from 'vitest';
import {
  CancelledError,
  GpuLostError,
  InternalError,
  InvalidInputError,
  ModelError,
  UnsupportedDeviceError,
} from '../../core/errors';
import { message } from '../../core/messages';
import { say } from '../../locales/say';
import { saying } from '../../testing/saying';
import { outOfMemory } from '../gpu/gpuMemory';
import type { AdapterFacts, ProviderInfo } from '../protocol';
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

/** With its sentences, as a user reads them. */
const said = (info: ProviderInfo | null) => info && { ...info, adapter: say(info.adapter), reason: say(info.reason) };

describe('decideProvider', () => {
  it('takes our kernels where they were measured to be faster, and says both times', () => {
    const speeds = { gpuMs: 0.432, gpuAtLeast: false, cpuMs: 12.4 };
    expect(said(decideProvider('auto', machine, speeds))).toEqual({
      provider: 'wgsl',
      adapter: 'nvidia ampere',
      reason:
        "Running Organscope's own kernels: a test convolution took 0.43 ms on nvidia ampere, 12 ms on 8 CPU threads.",
    });
    const { reason } = decideProvider('auto', machine, { ...speeds, cpuMs: null });
    expect(say(reason)).toContain('0.43 ms on nvidia ampere, less than 8 CPU threads can reach');
  });

  it('takes WebAssembly where that was measured to be faster, on a software adapter and on a slow real one', () => {
    const speeds = { gpuMs: 57.2, gpuAtLeast: true, cpuMs: 9.84 };
    expect(said(decideProvider('auto', { ...machine, adapter: swiftshader, hardwareConcurrency: 2 }, speeds))).toEqual({
      provider: 'wasm',
      adapter: '2 threads',
      reason:
        'A test convolution took 9.8 ms on 2 CPU threads, at least 57 ms on the WebGPU adapter, a software one (SwiftShader); running on 2 CPU threads.',
    });
    const slow = decideProvider('auto', machine, { ...speeds, gpuAtLeast: false });
    expect(said(slow)).toMatchObject({ provider: 'wasm', reason: expect.stringContaining('57 ms on nvidia ampere;') });
  });

  it('goes by the kind of adapter when nothing could be measured', () => {
    expect(said(decideProvider('auto', machine, null))).toMatchObject({ provider: 'wgsl', adapter: 'nvidia ampere' });
    const info = decideProvider('auto', { ...machine, adapter: swiftshader }, null);
    expect(said(info)).toMatchObject({
      provider: 'wasm',
      reason: expect.stringContaining('software one (SwiftShader)'),
    });
  });

  it.each([
    ['no WebGPU', { webgpu: false, adapter: null }],
    ['no graphics adapter', { webgpu: true, adapter: null }],
  ])('takes WebAssembly when there is %s, and says so', (why, facts) => {
    const info = decideProvider('auto', { ...machine, ...facts });
    expect(info.provider).toBe('wasm');
    expect(say(info.reason)).toContain(why);
  });

  it.each([[{ webgpu: false }], [{ webgpu: true }]])(
    'refuses an explicit WebGPU without an adapter (%o) and names the way out',
    (facts) => {
      expect(() => decideProvider('webgpu', { ...machine, ...facts, adapter: null })).toThrow(saying('"wasm"'));
    },
  );

  it('obeys an explicit WebGPU on a software adapter, with a warning', () => {
    const info = decideProvider('webgpu', { ...machine, adapter: swiftshader });
    expect(said(info)).toMatchObject({ provider: 'webgpu', adapter: 'google swiftshader (software)' });
    expect(say(info.reason)).toContain('slower');
  });

  it('obeys an explicit WebAssembly on a machine with a GPU', () => {
    expect(said(decideProvider('wasm', machine))).toMatchObject({ provider: 'wasm', adapter: '8 threads' });
  });

  it('says aloud that a page without cross-origin isolation has one thread', () => {
    const info = decideProvider('wasm', { ...machine, crossOriginIsolated: false });
    expect(say(info.adapter)).toBe('1 thread');
    expect(say(info.reason)).toContain('COOP/COEP');
  });
});

describe('nextProvider', () => {
  const wgsl = decideProvider('auto', machine, null);

  it('goes from our kernels to those of ONNX Runtime, then to the processor, and keeps the reason', () => {
    const second = nextProvider(wgsl, machine, new Error('A shader does not compile.\n  1 fn main'));
    expect(said(second)).toMatchObject({ provider: 'webgpu', adapter: 'nvidia ampere' });
    expect(said(second)?.reason).toBe(
      "A shader does not compile. Instead: ONNX Runtime's WebGPU provider on nvidia ampere.",
    );
    const third = nextProvider(second as typeof wgsl, machine, new Error('The device was lost.'));
    expect(said(third)).toEqual({
      provider: 'wasm',
      adapter: '8 threads',
      reason: 'The device was lost. Instead: 8 CPU threads.',
    });
    expect(nextProvider(third as typeof wgsl, machine, new Error('No.'))).toBeNull();
    const compiler = new InternalError('shader-invalid', {
      happened: message('does-not-compile', { label: 'conv3d' }),
      ...{ why: '[error at 1:1] no', shader: '   1 fn main' },
    });
    expect(said(nextProvider(wgsl, machine, compiler))?.reason).toMatch(/^conv3d does not compile\. Instead: /);
    const file = new ModelError('model-not-loaded', { provider: 'webgpu', why: 'no such operator\n  at line 3' });
    expect(said(nextProvider(wgsl, machine, file))?.reason).toMatch(/with webgpu: no such operator Instead: /);
  });

  it('does not try a second path on a software adapter', () => {
    expect(nextProvider(wgsl, { ...machine, adapter: swiftshader }, new Error('No.'))?.provider).toBe('wasm');
  });
});

describe('recovery', () => {
  const wgsl = decideProvider('auto', machine, null);
  const lost = new GpuLostError('gpu-lost', { happened: message('device-lost', { why: 'hung' }) });

  it.each(['auto', 'wgsl'] as const)('opens a device that failed once more, and says so (%s)', (choice) => {
    const again = recovery(choice, wgsl, machine, lost, false);
    expect(said(again)).toMatchObject({ provider: 'wgsl', adapter: 'nvidia ampere' });
    expect(said(again)?.reason).toMatch(/ The graphics device was lost \(hung\)\. The run was started again\.$/);
  });

  it('goes on to the next provider the second time, where the choice is ours', () => {
    expect(said(recovery('auto', wgsl, machine, lost, true))).toMatchObject({
      provider: 'webgpu',
      reason: "The graphics device was lost (hung). Instead: ONNX Runtime's WebGPU provider on nvidia ampere.",
    });
    expect(recovery('wgsl', wgsl, machine, lost, true)).toBeNull();
  });

  it('goes to the processor for want of memory, and says how much was wanted', () => {
    const next = recovery('auto', wgsl, machine, outOfMemory(message('the-network'), 812e6), false);
    expect(said(next)).toMatchObject({
      provider: 'wasm',
      reason: 'The graphics processor has no memory left for the network, which needs 812 MB. Instead: 8 CPU threads.',
    });
    const limit = new UnsupportedDeviceError('gpu-limit');
    expect(recovery('auto', wgsl, machine, limit, false)?.provider).toBe('wasm');
    expect(recovery('wgsl', wgsl, machine, limit, false)).toBeNull();
  });

  it('does not try elsewhere what is the fault of the scan or was cancelled', () => {
    expect(recovery('auto', wgsl, machine, new InvalidInputError('empty-volume'), false)).toBeNull();
    expect(recovery('auto', wgsl, machine, new CancelledError(), false)).toBeNull();
    for (const code of ['graphics-memory-budget', 'graphics-memory-full']) {
      expect(recovery('auto', wgsl, machine, new InvalidInputError(code), false)?.provider).toBe('wasm');
    }
  });
});

describe('wasmThreads', () => {
  it('is between 1 and 8', () => {
    expect([0, 1, 4, 64].map((n) => wasmThreads({ ...machine, hardwareConcurrency: n }))).toEqual([1, 1, 4, 8]);
  });
});
