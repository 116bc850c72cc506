import { describe, expect, it } from 'vitest';
import { orientedCases } from '../testing/orientationFixture';
import { apply, orientationCode } from './affine';
import { toRas } from './canonical';
import type { Grid, Triple } from './grid';

const dimsXyz: Triple = [5, 3, 4];
const count = 5 * 3 * 4;
const spacingXyz: Triple = [0.8, 1.1, 2.5];
const index = ([nx, ny]: Triple, [x, y, z]: Triple) => x + nx * (y + ny * z);
const voxelOf = ([nx, ny]: Triple, i: number): Triple => [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];

describe('toRas', () => {
  it('every voxel keeps its place in mm, in all 48 orientations x 3 tilts', () => {
    for (const { title, affine } of orientedCases()) {
      const native: Grid = { dimsXyz, spacingXyz, affine };
      const order = toRas(native);
      const ras = order.toRas(Int16Array.from({ length: count }, (_, i) => i));
      expect(orientationCode(order.grid.affine), title).toBe('RAS');
      for (let i = 0; i < count; i++) {
        const there = apply(order.grid.affine, voxelOf(order.grid.dimsXyz, i));
        const here = apply(affine, voxelOf(dimsXyz, ras[i]));
        // float64 sums of values below 200
        expect(Math.hypot(there[0] - here[0], there[1] - here[1], there[2] - here[2]), title).toBeLessThan(1e-12);
      }
    }
  });

  it('labels go back to exactly where they came from, in all 48 orientations', () => {
    for (const { title, affine } of orientedCases()) {
      const order = toRas({ dimsXyz, spacingXyz, affine });
      const labels = Uint8Array.from({ length: count }, (_, i) => (i * 37) % 251);
      expect(order.toNative(order.toRas(labels)), title).toEqual(labels);
      expect(order.toRas(order.toNative(labels)), title).toEqual(labels);
    }
  });

  it('spacing and size follow their axes, and the array type stays', () => {
    // voxel x runs to the feet, y to the right, z to the front
    const order = toRas({ dimsXyz, spacingXyz, affine: [0, 1.1, 0, 1, 0, 0, 2.5, 2, -0.8, 0, 0, 3, 0, 0, 0, 1] });
    expect(order.permutation).toEqual([1, 2, 0]);
    expect(order.flips).toEqual([false, false, true]);
    expect(order.grid.dimsXyz).toEqual([3, 4, 5]);
    expect(order.grid.spacingXyz).toEqual([1.1, 2.5, 0.8]);
    const data = new Float32Array(count);
    data[index(dimsXyz, [4, 1, 2])] = 7; // the foot end is RAS z = 0
    const ras = order.toRas(data);
    expect(ras).toBeInstanceOf(Float32Array);
    expect(ras[index(order.grid.dimsXyz, [1, 2, 0])]).toBe(7);
  });

  it('a scan in RAS order is not copied', () => {
    const order = toRas({ dimsXyz, spacingXyz: [1, 1, 1], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] });
    const data = new Uint8Array(count);
    expect(order.toRas(data)).toBe(data);
    expect(order.toNative(data)).toBe(data);
  });
});
