import { describe, expect, it } from 'vitest';
import { exchangeOf, mirrored, mirrorsOver, reordered } from './mirror';

describe('mirroring', () => {
  it('lists every combination of the axes once, the plain window first', () => {
    expect(mirrorsOver([])).toEqual([[false, false, false]]);
    expect(mirrorsOver([2, 0])).toEqual([
      [false, false, false],
      [false, false, true],
      [true, false, false],
      [true, false, true],
    ]);
    expect(new Set(mirrorsOver([0, 1, 2]).map(String)).size).toBe(8);
  });

  it('exchanges the channels of pairs, and undoes that', () => {
    const exchange = exchangeOf(
      [
        [1, 4],
        [2, 3],
      ],
      6,
    );
    expect(exchange).toEqual([0, 4, 3, 2, 1, 5]);
    const values = Float32Array.from({ length: 6 * 2 }, (_, i) => i);
    const out = reordered(values, exchange);
    expect([...out]).toEqual([0, 1, 8, 9, 6, 7, 4, 5, 2, 3, 10, 11]);
    expect([...reordered(out, exchange)]).toEqual([...values]);
  });

  it('reverses each axis of every channel, and undoes itself', () => {
    const values = Float32Array.from({ length: 2 * 2 * 3 * 4 }, (_, i) => i);
    const at = (c: number, z: number, y: number, x: number) => ((c * 2 + z) * 3 + y) * 4 + x;
    for (const mirror of mirrorsOver([0, 1, 2])) {
      const out = mirrored(values, [2, 3, 4], mirror);
      const [z, y, x] = [mirror[0] ? 1 : 0, mirror[1] ? 2 : 0, mirror[2] ? 2 : 1];
      expect(out[at(1, 0, 0, 1)]).toBe(at(1, z, y, x));
      expect([...mirrored(out, [2, 3, 4], mirror)]).toEqual([...values]);
    }
  });
});
