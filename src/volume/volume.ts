/**
 * A scan in memory. Pure data: nothing here knows the DOM, a GPU or a network.
 *
 * Axis order is in every name: `Xyz` is NIfTI order (x fastest in `data`), `Dhw` is network order (depth = z first).
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

/** One scalar volume with intensities already scaled (scl_slope, scl_inter applied). */
export interface Volume extends Grid {
  readonly data: VoxelArray;
  /** The file's name, for display and for naming the exported mask. */
  readonly name: string;
  /** What the reader had to assume, one plain sentence each; shown to the user. */
  readonly warnings: readonly string[];
}

/** One label per voxel of `grid`; 0 is background. */
export interface LabelVolume extends Grid {
  readonly data: Uint8Array;
}
