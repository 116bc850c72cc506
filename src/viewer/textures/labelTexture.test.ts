import * as fc from 'fast-check';
import type { WebGLRenderer } from 'three';
import { describe, expect, it, vi } from 'vitest';
import { gridOf, labelSource } from '../../testing/views';
import type { Triple } from '../../volume/grid';
import { copyFromBox, LabelTexture } from './labelTexture';

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

it('takes the next revision as a whole after an upload that failed', async () => {
  const copied = vi.fn();
  const initTexture = vi.fn().mockImplementationOnce(() => {
    throw new Error('no memory');
  });
  const gl = { getContext: () => ({ deleteSync: () => undefined }), initTexture, copyTextureToTexture: copied };
  const told = { onUploaded: vi.fn(), onError: vi.fn() };
  const source = labelSource('run', gridOf(dims), data);
  const texture = new LabelTexture(gl as unknown as WebGLRenderer, source, told);
  await vi.waitFor(() => expect(told.onError).toHaveBeenCalledTimes(1));
  expect([texture.complete, copied.mock.calls]).toEqual([false, []]);
  const changed = { startXyz: [1, 2, 3], dimsXyz: [1, 1, 1] } as const;
  texture.update({ ...source, revision: 1, changed });
  await vi.waitFor(() => expect(told.onUploaded).toHaveBeenCalledTimes(1));
  expect(texture.complete).toBe(true);
  const [slab, , , at] = copied.mock.calls[0];
  expect([slab.image.width, slab.image.height, slab.image.depth, at.toArray()]).toEqual([nx, ny, nz, [0, 0, 0]]);
});
