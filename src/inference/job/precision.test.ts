import { describe, expect, it } from 'vitest';
import { message } from '../../core/messages';
import { say } from '../../locales/say';
import type { Provider, ProviderInfo } from '../protocol';
import { withPrecision } from './precision';

const on = (provider: Provider): ProviderInfo => ({
  provider,
  adapter: message('adapter', { name: 'some adapter' }),
  reason: message('run-again'),
});

describe('the reason for a provider', () => {
  it('says that intermediate results are 16-bit floats, where our kernels run', () => {
    for (const provider of ['wgsl', 'hybrid'] as const) {
      const { reason, ...rest } = withPrecision(on(provider), 'fp16');
      expect(say(reason)).toMatch(
        /^The run was started again\. Intermediate results are stored as 16-bit floats \(fp16\)/,
      );
      expect(rest).toEqual({ provider, adapter: on(provider).adapter });
    }
  });

  it('says that ONNX Runtime alone does not take fp16', () => {
    for (const provider of ['webgpu', 'wasm'] as const) {
      expect(say(withPrecision(on(provider), 'fp16').reason)).toMatch(/this provider runs in fp32\.$/);
    }
  });

  it('does not mention fp32', () => {
    expect(withPrecision(on('wgsl'), 'fp32')).toEqual(on('wgsl'));
  });
});
