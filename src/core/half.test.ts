import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHalfBits, fromHalves, toHalfBits, toHalves } from './half';

describe('toHalfBits', () => {
  it('inverts every finite half', () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < 0x10000; bits++) {
      if ((bits & 0x7c00) !== 0x7c00 && toHalfBits(fromHalfBits(bits)) !== bits) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });

  it('is the nearest half, ties to even', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true, min: -65504, max: 65504 }), (value) => {
        const bits = toHalfBits(value);
        const error = Math.abs(fromHalfBits(bits) - value);
        for (const neighbour of [bits - 1, bits + 1]) {
          if (neighbour < 0 || neighbour > 0xffff || (neighbour & 0x7c00) === 0x7c00) continue;
          const other = Math.abs(fromHalfBits(neighbour) - value);
          expect(other >= error).toBe(true);
          if (other === error && fromHalfBits(neighbour) !== fromHalfBits(bits)) expect(bits & 1).toBe(0);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('saturates, and turns NaN into 0', () => {
    expect(fromHalfBits(toHalfBits(1e9))).toBe(65504);
    expect(fromHalfBits(toHalfBits(Number.NEGATIVE_INFINITY))).toBe(-65504);
    expect(toHalfBits(Number.NaN)).toBe(0);
  });
});

describe('fromHalves', () => {
  it('is fromHalfBits for every pattern of bits', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
    expect(fromHalves(all)).toEqual(Float32Array.from(all, fromHalfBits));
  });
});

describe('toHalves', () => {
  it('rounds every number as toHalfBits does', () => {
    const values = Float32Array.from([0, -1, 1 / 3, 1e-7, 7e4]);
    expect([...toHalves(values)]).toEqual([...values].map(toHalfBits));
  });
});
