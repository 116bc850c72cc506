import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Triple } from '../../volume/grid';
import { copyFromBox } from './labelTexture';

const dims: Triple = [13, 17, 23];
const [nx, ny, nz] = dims;
const data = Uint8Array.from({ length: nx * ny * nz }, (_, i) => (i * 31) % 251);

describe('voxels out of a box', () => {
  it('come x first within it, from any row on', () => {
    const span = (n: number) =>
      fc.tuple(fc.nat(n - 1), fc.nat(n - 1)).map(([a, b]) => ({ from: Math.min(a, b), count: Math.abs(a - b) + 1 }));
    fc.assert(
      fc.property(span(nx), span(ny), span(nz), fc.nat(nz - 1), (x, y, z, skipped) => {
        const box = {
          startXyz: [x.from, y.from, z.from],
          dimsXyz: [x.count, y.count, z.count],
        } as const;
        const slice = x.count * y.count;
        const from = slice * (skipped % z.count);
        const out = new Uint8Array(slice * z.count - from);
        copyFromBox(data, dims, box, from, out);
        const all: number[] = [];
        for (let k = 0; k < z.count; k++)
          for (let j = 0; j < y.count; j++)
            for (let i = 0; i < x.count; i++) all.push(data[x.from + i + nx * (y.from + j + ny * (z.from + k))]);
        expect([...out]).toEqual(all.slice(from));
      }),
    );
  });
});
