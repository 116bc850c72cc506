/** Bringing a scan into RAS order and labels back out of it, by moving voxels only: nothing is interpolated. */
import { axisDirections } from './affine';
import type { Affine, Grid, Triple, VoxelArray } from './grid';

export interface RasOrder {
  /** Native voxel axis (0 = x, 1 = y, 2 = z) that becomes RAS axis 0, 1, 2. */
  readonly permutation: Triple;
  /** Whether RAS axis 0, 1, 2 runs against its native axis. */
  readonly flips: readonly [boolean, boolean, boolean];
  /** The same voxels, named in RAS order: x, y, z grow closest to Right, Anterior, Superior. */
  readonly grid: Grid;
  /** Native order -> RAS order. Returns `data` itself when the order is the same already. */
  toRas<T extends VoxelArray>(data: T): T;
  /** RAS order -> native order, the exact inverse. Returns `data` itself when the order is the same already. */
  toNative<T extends VoxelArray>(data: T): T;
}

/**
 * The axis permutation and flips that bring a grid's axes closest to R, A, S (nibabel's `as_closest_canonical`).
 * An oblique scan stays oblique: its axes are renamed, not rotated.
 */
export function toRas(native: Grid): RasOrder {
  const permutation = [0, 0, 0];
  const flips = [false, false, false];
  axisDirections(native.affine).forEach(({ worldAxis, sign }, axis) => {
    permutation[worldAxis] = axis;
    flips[worldAxis] = sign < 0;
  });
  const pick = (triple: Triple) => permutation.map((axis) => triple[axis]) as unknown as Triple;
  const grid: Grid = {
    dimsXyz: pick(native.dimsXyz),
    spacingXyz: pick(native.spacingXyz),
    affine: reorderedAffine(native, permutation, flips),
  };

  // Offset and stride in native memory of RAS voxel (x, y, z): start + x * strides[0] + y * strides[1] + z * strides[2].
  const [nx, ny] = native.dimsXyz;
  const nativeStrides = [1, nx, nx * ny];
  const strides = permutation.map((axis, ras) => (flips[ras] ? -nativeStrides[axis] : nativeStrides[axis]));
  const start = strides.reduce((sum, stride, ras) => (stride < 0 ? sum - stride * (grid.dimsXyz[ras] - 1) : sum), 0);
  const isSame = permutation.every((axis, ras) => axis === ras && !flips[ras]);

  /** Calls back with (native offset of RAS row start, RAS offset of it) for every row along RAS x. */
  const forRows = (visit: (nativeOffset: number, rasOffset: number) => void) => {
    const [rx, ry, rz] = grid.dimsXyz;
    for (let z = 0, ras = 0; z < rz; z++) {
      for (let y = 0; y < ry; y++, ras += rx) visit(start + y * strides[1] + z * strides[2], ras);
    }
  };
  const rowLength = grid.dimsXyz[0];
  const step = strides[0];

  return {
    permutation: permutation as unknown as Triple,
    flips: flips as [boolean, boolean, boolean],
    grid,
    toRas<T extends VoxelArray>(data: T): T {
      if (isSame) return data;
      const out = emptyLike(data);
      forRows((from, to) => {
        for (let x = 0; x < rowLength; x++) out[to + x] = data[from + x * step];
      });
      return out;
    },
    toNative<T extends VoxelArray>(data: T): T {
      if (isSame) return data;
      const out = emptyLike(data);
      forRows((to, from) => {
        for (let x = 0; x < rowLength; x++) out[to + x * step] = data[from + x];
      });
      return out;
    },
  };
}

function emptyLike<T extends VoxelArray>(data: T): T {
  return new (data.constructor as new (length: number) => T)(data.length);
}

/** Columns permuted and negated; a flipped axis starts at its far end: n = 5 -> origin moves by 4 columns. */
function reorderedAffine({ affine, dimsXyz }: Grid, permutation: readonly number[], flips: readonly boolean[]): Affine {
  const rows = [0, 4, 8].flatMap((row) => {
    let origin = affine[row + 3];
    const columns = permutation.map((axis, ras) => {
      const value = affine[row + axis];
      if (!flips[ras]) return value;
      origin += value * (dimsXyz[axis] - 1);
      return -value;
    });
    return [...columns, origin];
  });
  return [...rows, 0, 0, 0, 1] as unknown as Affine;
}
