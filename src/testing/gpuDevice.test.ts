import { expect, it } from 'vitest';
import { requireAdapter } from './gpuDevice';

const adapter = (...features: string[]) =>
  ({ features: new Set(features), info: { description: 'llvmpipe', vendor: 'mesa' } }) as unknown as GPUAdapter;

it('a machine without a graphics adapter fails with what to install', () => {
  expect(() => requireAdapter(null)).toThrow(
    /need a Vulkan driver and none was found: install Chromium.*apt-get install chromium.*CHROMIUM.*VK_DRIVER_FILES/,
  );
});

it('an adapter on which some tests would test nothing is refused by name', () => {
  expect(() => requireAdapter(adapter('timestamp-query'))).toThrow(
    /need subgroups, which the adapter llvmpipe does not/,
  );
  const complete = adapter('timestamp-query', 'subgroups');
  expect(requireAdapter(complete)).toBe(complete);
});
