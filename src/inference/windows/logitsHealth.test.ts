import { describe, expect, it } from 'vitest';
import { inspectLogits } from './logitsHealth';

describe('inspectLogits', () => {
  it.each([
    ['healthy', [1, -2, 0], { notFinite: false, constant: false }],
    ['one NaN', [1, Number.NaN, 3], { notFinite: true, constant: false }],
    ['one infinity', [1, Number.NEGATIVE_INFINITY, 3], { notFinite: true, constant: false }],
    ['all zero', [0, -0, 0], { notFinite: false, constant: true }],
    ['all NaN', [Number.NaN, Number.NaN], { notFinite: true, constant: false }],
  ])('recognises %s logits', (_, values, health) => {
    expect(inspectLogits(new Float32Array(values))).toEqual(health);
  });
});
