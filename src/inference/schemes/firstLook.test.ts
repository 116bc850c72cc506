import { describe, expect, it } from 'vitest';
import { allAtOnce } from '../../core/steps';
import type { Triple } from '../../volume/grid';
import { boxAround, coarseDims, isWorthIt } from './firstLook';

const plan = { coarser: 2, marginMm: 6, leastMl: 1 };

/** '5-11 6-12 4-9': first and one after the last voxel along D, H and W. */
const edgesOf = (text: string) => text.split(' ').map((axis) => axis.split('-').map(Number));

/**
 * The box around blobs of the coarse grid, on a grid of 2 mm. scripts/export-onnx/tests/test_first_look.py expects the same
 * of its twin.
 */
function look(blobs: readonly string[], patchDhw: Triple = [8, 8, 8], dimsDhw: Triple = [40, 40, 40]): string | null {
  const coarse = coarseDims(dimsDhw, 2);
  const labels = new Uint8Array(coarse[0] * coarse[1] * coarse[2]);
  for (const [[z0, z1], [y0, y1], [x0, x1]] of blobs.map(edgesOf)) {
    for (let z = z0; z < z1; z++)
      for (let y = y0; y < y1; y++) {
        const row = coarse[2] * (y + coarse[1] * z);
        labels.fill(3, row + x0, row + x1);
      }
  }
  const box = allAtOnce(boxAround(labels, coarse, { dimsDhw, patchDhw, spacingDhw: [2, 2, 2] }, plan));
  if (!box) return null;
  return box.startDhw.map((start, axis) => `${start}-${start + box.dimsDhw[axis]}`).join(' ');
}

describe('the box that a first look leaves', () => {
  it('lies around the largest island with its margins', () => {
    expect(look(['15-17 15-17 15-17', '5-11 6-12 4-9'])).toBe('7-25 9-27 5-21');
  });

  it('takes blobs that share a corner for one island', () => {
    expect(look(['5-8 5-8 5-8', '8-11 8-11 8-11'])).toBe('7-25 7-25 7-25');
  });

  it('ends where the grid does and is as large as a window', () => {
    expect(look(['0-4 17-20 5-8'], [8, 16, 24])).toBe('0-11 24-40 1-25');
    expect(look(['0-4 17-20 5-8'], [64, 16, 24])).toBe('0-40 24-40 1-25');
  });

  it('scales a coarse grid that does not divide by its extent', () => {
    expect(coarseDims([13, 1, 2], 2)).toEqual([6, 1, 1]);
    expect(look(['4-6 3-9 3-9'], [4, 4, 4], [13, 40, 40])).toBe('5-13 3-21 3-21');
  });

  it('is no box where next to nothing was found', () => {
    expect(look([])).toBeNull();
    expect(look(['5-7 5-7 5-8'])).toBeNull(); // 12 voxels of 4 mm: 0.77 ml
    expect(look(['5-7 5-7 5-9'])).not.toBeNull(); // 1.02 ml
  });
});

it('a first look must cost less than its share of the windows', () => {
  // Windows of 8: 8 against one of the first look, which counts as 8; 27 against as many.
  const worth = (size: number) => isWorthIt([size, size, size], [8, 8, 8], 0.5, 2);
  expect([8, 12, 16].map(worth)).toEqual([false, false, true]);
});
