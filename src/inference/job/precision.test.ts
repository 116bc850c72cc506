import { describe, expect, it } from 'vitest';
import type { Provider, ProviderInfo } from '../protocol';
import { withPrecision } from './precision';

const on = (provider: Provider): ProviderInfo => ({ provider, adapter: 'some adapter', reason: 'You chose it.' });

describe('the reason for a provider', () => {
  it('says that intermediate results are 16-bit floats, where our kernels run', () => {
    for (const provider of ['wgsl', 'hybrid'] as const) {
      const { reason, ...rest } = withPrecision(on(provider), 'fp16');
      expect(reason).toMatch(/^You chose it\. Intermediate results are stored as 16-bit floats \(fp16\)/);
      expect(rest).toEqual({ provider, adapter: 'some adapter' });
    }
  });

  it('says that ONNX Runtime alone does not take fp16', () => {
    for (const provider of ['webgpu', 'wasm'] as const) {
      expect(withPrecision(on(provider), 'fp16').reason).toMatch(/this provider runs in fp32\.$/);
    }
  });

  it('does not mention fp32', () => {
    expect(withPrecision(on('wgsl'), 'fp32')).toEqual(on('wgsl'));
  });
});
