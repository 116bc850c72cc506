/**
 * Places and sizes. Axis order is in every name: `Xyz` is NIfTI order (x fastest), `Dhw` is network order (depth = z first).
 * The same bytes are both: data[x + nx * (y + ny * z)] is element [z][y][x] of a C-ordered (D, H, W) array.
 */

export type Triple = readonly [number, number, number];

/** 4x4 voxel-to-world matrix, row-major, world in mm with axes Right, Anterior, Superior (NIfTI RAS+). */
export type Affine = readonly [
  ...[number, number, number, number],
  ...[number, number, number, number],
  ...[number, number, number, number],
  ...[number, number, number, number],
];

export type VoxelArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** Where a volume lies in space: its grid without its values. */
export interface Grid {
  readonly dimsXyz: Triple;
  /** Voxel edge lengths in mm, the column norms of `affine`. */
  readonly spacingXyz: Triple;
  readonly affine: Affine;
}
