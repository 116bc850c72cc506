import { describe, expect, it } from 'vitest';
import { meanDice } from './quality';

describe('meanDice', () => {
  const labels = ['background', 'a', 'b', 'c'].map((name) => ({ name }));

  it('skips structures that the scan does not have, and sums over several', () => {
    expect(meanDice({ a: 0.9, b: null, c: 0.7, 'all structures': 0.1 }, labels)).toBeCloseTo(0.8);
    expect(meanDice({ a: null }, labels)).toBeNull();
  });
});
