import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allAtOnce } from '../core/steps';
import { orientationCode } from './affine';
import { anatomicalOrder, crop, fileOrder, nativeBox, take, type View } from './axisOrder';
import type { Affine, Triple } from './grid';
import { writeBox } from './labelBox';

const dims: Triple = [5, 4, 3];
const data = Int16Array.from({ length: 60 }, (_, i) => i);
/** Voxel axes towards left, posterior, superior. */
const lps: Affine = [-1, 0, 0, 9, 0, -2, 0, 8, 0, 0, 3, 7, 0, 0, 0, 1];

describe('views of a scan', () => {
  it('leaves a file in its own order alone, without a copy', () => {
    expect(allAtOnce(take(fileOrder(dims, [0, 1, 2]), data))).toBe(data);
  });

  it('transposes as numpy does: network axis i is axis transposeForward[i] of (z, y, x)', () => {
    const view = fileOrder(dims, [2, 0, 1]);
    expect(view.dimsDhw).toEqual([5, 3, 4]);
    // element [x][z][y] of the result is voxel x + 5 y + 20 z
    expect([...allAtOnce(take(view, data))].slice(0, 5)).toEqual([0, 5, 10, 15, 20]);
  });

  it('orders axes towards the sides that axcodes name', () => {
    expect(orientationCode(lps)).toBe('LPS');
    const view = anatomicalOrder(dims, lps, 'SRA');
    expect([view.axes, view.flips]).toEqual([
      [2, 0, 1],
      [false, true, true],
    ]);
    // S first, then R from the far end of x, A from the far end of y
    expect([...allAtOnce(take(view, data))].slice(0, 4)).toEqual([19, 14, 9, 4]);
  });

  it('puts every slab of every cropped view back where it was taken', () => {
    const slabs = fc.record({
      order: fc.constantFrom<View>(
        fileOrder(dims, [1, 2, 0]),
        anatomicalOrder(dims, lps, 'RAS'),
        anatomicalOrder(dims, lps, 'ILA'),
      ),
      cuts: fc.tuple(fc.nat(), fc.nat(), fc.nat(), fc.nat(), fc.nat(), fc.nat()),
      split: fc.nat(),
    });
    fc.assert(
      fc.property(slabs, ({ order, cuts, split }) => {
        const start = order.dimsDhw.map((n, i) => cuts[i] % n) as unknown as Triple;
        const size = order.dimsDhw.map((n, i) => 1 + (cuts[i + 3] % (n - start[i]))) as unknown as Triple;
        const view = crop(order, start, size);
        const labels = Uint8Array.from(allAtOnce(take(view, data)), (voxel) => voxel + 1);
        const whole = { dimsXyz: dims, data: new Uint8Array(60) };
        const planes = split % size[0];
        const at = planes * size[1] * size[2];
        if (planes > 0) writeBox(whole, nativeBox(view, 0, labels.slice(0, at)));
        writeBox(whole, nativeBox(view, planes, labels.slice(at)));
        const written = [...whole.data].flatMap((label, voxel) => (label ? [[voxel, label - 1]] : []));
        expect(written).toHaveLength(labels.length);
        for (const [voxel, from] of written) expect(voxel).toBe(from);
      }),
    );
  });
});
