import { describe, expect, it } from 'vitest';
import { InternalError } from '../../core/errors';
import { specialize } from './wgsl';

const words = (code: string) => code.split(/\s+/).filter(Boolean).join(' ');

describe('specialising WGSL', () => {
  it('keeps exactly the lines whose flags hold', () => {
    const source = 'a\n//#if X\nb\n//#if !Y\nc\n//#endif\n//#endif\nd';
    expect(words(specialize(source, { X: true, Y: false }))).toBe('a b c d');
    expect(words(specialize(source, { X: true, Y: true }))).toBe('a b d');
    expect(words(specialize(source, { X: false, Y: false }))).toBe('a d');
  });

  it('writes nested loops out with literals, and leaves longer names that contain the variable alone', () => {
    const source = `for (var v = 0u; v < VX; v++) { // unroll
for (var o = 0u; o < 2u; o++) { // unroll
acc[v][o] += value;
}
}
end`;
    expect(words(specialize(source, { VX: 2 }))).toBe(
      '{ { acc[0u][0u] += value; } { acc[0u][1u] += value; } } { { acc[1u][0u] += value; } { acc[1u][1u] += value; } } end',
    );
  });

  it('refuses unknown constants and unbalanced markers', () => {
    expect(() => specialize('//#if NO\n//#endif', {})).toThrow(InternalError);
    expect(() => specialize('//#if X\n', { X: true })).toThrow(InternalError);
    expect(() => specialize('//#endif', {})).toThrow(InternalError);
    expect(() => specialize('for (var v = 0u; v < NO; v++) { // unroll\n}', {})).toThrow(InternalError);
  });
});
