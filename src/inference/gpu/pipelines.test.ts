import { describe, expect, it } from 'vitest';
import { recordPointwise } from '../network/kernels/pointwise/pointwise';
import { shaderOf } from './pipelines';
import { Recorder } from './recorder';

describe('the shader of a kernel that can be cut', () => {
  it('begins with what it enables, as WGSL demands', () => {
    const r = new Recorder({ storage: 'fp16', smallBytes: 0, shaderF16: true });
    const x = r.activation('x', 64);
    recordPointwise(r, { label: 'p', x, voxels: 64, cin: 4, cout: 4, weight: new Float32Array(16) });
    const [{ kernel }] = r.steps;
    expect(kernel.splitAxis).toBeDefined();
    expect(shaderOf(kernel)).toMatch(/^enable f16;/);
    expect(shaderOf(kernel)).toContain('FIRST: vec3u');
  });
});
