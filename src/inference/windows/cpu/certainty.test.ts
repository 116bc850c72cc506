import { describe, expect, it } from 'vitest';
import { certaintyOf } from './certainty';

describe('certaintyOf', () => {
  it('counts what is labelled within the scan, not around it', () => {
    // A ring of 2 planes of 2 x 4 voxels, 3 classes; plane 3 lies at 1. The scan fills columns 1 and 2 of row 1.
    const data = new Float32Array(2 * 2 * 4 * 3).fill(1 / 3);
    const put = (y: number, x: number, p: readonly number[]) => data.set(p, ((2 + y) * 4 + x) * 3);
    put(0, 1, [0, 1, 0]);
    put(1, 0, [0, 1, 0]);
    put(1, 1, [0.25, 0.35, 0.4]);
    put(1, 2, [0.5, 0.5, 0]); // the first largest is background
    put(1, 3, [0, 0, 1]);
    const found = certaintyOf({ dimsDhw: [2, 2, 4], classes: 3, data }, 3, [0, 1, 1], [9, 1, 2]);
    expect(found).toEqual({ labelled: 1, certainty: 0.75 });
  });
});
