import { describe, expect, it } from 'vitest';
import type { AdapterFacts } from '../protocol';
import { softwareAdapterName } from './adapter';

const nvidia: AdapterFacts = {
  ...{ vendor: 'nvidia', architecture: 'ampere', device: '', description: '' },
  isFallbackAdapter: false,
};

describe('softwareAdapterName', () => {
  it.each([
    ['SwiftShader', { description: 'SwiftShader Device (Subzero)' }],
    ['llvmpipe', { vendor: 'mesa', description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }],
    ['Microsoft Basic Render Driver', { vendor: 'microsoft', description: 'Microsoft Basic Render Driver' }],
    ['unnamed', { isFallbackAdapter: true }],
    [null, {}],
  ])('recognises %s', (name, facts) => {
    expect(softwareAdapterName({ ...nvidia, ...facts })).toBe(name);
  });
});
