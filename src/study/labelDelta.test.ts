import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Triple } from '../volume/grid';
import { type LabelBox, writeBox } from '../volume/labelBox';
import { labelVolumes } from '../volume/statistics';
import type { LabelVolume } from '../volume/volume';
import { applyDelta, bytesOf, deltaOf, inverted, sizesAfter } from './labelDelta';

const volumeOf = (dimsXyz: Triple, data: Uint8Array): LabelVolume => ({
  dimsXyz,
  spacingXyz: [1, 1, 1],
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
  data,
});

/** Labels of an awkward grid, and a box of labels in it; few different ones, so that there are runs. */
const edits = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }))
  .chain((dims) =>
    fc
      .tuple(...dims.map((n) => fc.tuple(fc.integer({ min: 0, max: n - 1 }), fc.integer({ min: 1, max: n }))))
      .chain((ends) => {
        const startXyz = ends.map(([start]) => start) as unknown as Triple;
        const dimsXyz = ends.map(([start, size], axis) => Math.min(size, dims[axis] - start)) as unknown as Triple;
        const label = fc.integer({ min: 0, max: 2 });
        const labels = (n: number) =>
          fc.array(label, { minLength: n, maxLength: n }).map((all) => Uint8Array.from(all));
        const count = ([x, y, z]: Triple) => x * y * z;
        return fc.record({
          volume: labels(count(dims)).map((data) => volumeOf(dims, data)),
          box: labels(count(dimsXyz)).map((data): LabelBox => ({ startXyz, dimsXyz, data })),
        });
      }),
  );

describe('an edit of labels', () => {
  it('writes what its box holds, and its inverse what was there, with sizes as if counted anew', () => {
    fc.assert(
      fc.property(edits, ({ volume, box }) => {
        const original = volume.data.slice();
        const sizes = labelVolumes(volume);
        const written = { ...volume, data: original.slice() };
        writeBox(written, box);

        const delta = deltaOf(volume, box);
        expect(volume.data).toEqual(original);
        applyDelta(volume, delta);
        expect(volume.data).toEqual(written.data);
        const after = sizesAfter(sizes, delta, 0.001);
        expect([...after]).toEqual([...labelVolumes(volume)]);

        applyDelta(volume, inverted(delta));
        expect(volume.data).toEqual(original);
        expect([...sizesAfter(after, inverted(delta), 0.001)]).toEqual([...sizes]);
      }),
      { numRuns: 500 },
    );
  });

  it('is empty where a box holds what is there, and one run where all of it becomes another label', () => {
    const volume = volumeOf([13, 17, 23], new Uint8Array(13 * 17 * 23).fill(1));
    const box = (label: number): LabelBox => ({
      startXyz: [2, 3, 4],
      dimsXyz: [5, 6, 7],
      data: new Uint8Array(5 * 6 * 7).fill(label),
    });
    expect(deltaOf(volume, box(1)).lengths).toHaveLength(0);
    const delta = deltaOf(volume, box(9));
    expect([...delta.lengths]).toEqual([5 * 6 * 7]);
    expect(bytesOf(delta)).toBe(10);
  });

  it('has as many runs as it takes', () => {
    const volume = volumeOf([1000, 2, 1], new Uint8Array(2000));
    const data = Uint8Array.from({ length: 2000 }, (_, i) => 1 + (i % 3));
    const delta = deltaOf(volume, { startXyz: [0, 0, 0], dimsXyz: [1000, 2, 1], data });
    expect(delta.lengths).toHaveLength(2000);
    applyDelta(volume, delta);
    expect(volume.data).toEqual(data);
  });

  it('is refused, and writes nothing, on other labels than it was made of', () => {
    const volume = volumeOf([4, 1, 1], Uint8Array.of(0, 0, 0, 0));
    const delta = deltaOf(volume, { startXyz: [0, 0, 0], dimsXyz: [4, 1, 1], data: Uint8Array.of(1, 1, 0, 2) });
    volume.data[3] = 7;
    expect(() => applyDelta(volume, delta)).toThrow(expect.objectContaining({ code: 'edit-out-of-turn' }));
    expect([...volume.data]).toEqual([0, 0, 0, 7]);
  });

  it.each<[string, Triple, Triple]>([
    ['beyond the end', [2, 0, 0], [3, 1, 1]],
    ['before the beginning', [-1, 0, 0], [1, 1, 1]],
    ['of nothing', [0, 0, 0], [0, 1, 1]],
    ['between voxels', [0.5, 0, 0], [1, 1, 1]],
  ])('is refused %s', (_, startXyz, dimsXyz) => {
    const volume = volumeOf([4, 2, 1], new Uint8Array(8));
    const box = { startXyz, dimsXyz, data: new Uint8Array(dimsXyz[0] * dimsXyz[1] * dimsXyz[2]) };
    expect(() => deltaOf(volume, box)).toThrow(expect.objectContaining({ code: 'edit-outside' }));
  });
});
