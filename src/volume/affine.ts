/**
 * Voxel-to-world matrices: 4x4, row-major, millimetres, world axes Right-Anterior-Superior.
 * Orientation follows nibabel (`io_orientation`, `aff2axcodes`), so that a scan has the same axes here and in Python.
 */
import { InvalidInputError } from '../core/errors';
import type { Affine, Triple } from './grid';

/** Where one voxel axis points: world axis 0 (R), 1 (A) or 2 (S), and whether it runs towards or away from it. */
export interface AxisDirection {
  readonly worldAxis: 0 | 1 | 2;
  readonly sign: 1 | -1;
}

/** The matrix product a b: b acts first. */
export function multiply(a: Affine, b: Affine): Affine {
  const product = new Array<number>(16).fill(0);
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      for (let k = 0; k < 4; k++) product[row * 4 + column] += a[row * 4 + k] * b[k * 4 + column];
    }
  }
  return product as unknown as Affine;
}

/** Determinant of the 3x3 part: the signed volume of a voxel in mm^3; negative for left-handed voxel axes. */
export function determinant(a: Affine): number {
  return a[0] * (a[5] * a[10] - a[6] * a[9]) - a[1] * (a[4] * a[10] - a[6] * a[8]) + a[2] * (a[4] * a[9] - a[5] * a[8]);
}

/** True when the voxel axes do not span space: a zero, non-finite or (nearly) dependent column. */
export function isSingular(a: Affine): boolean {
  const [x, y, z] = spacingFromAffine(a);
  // Ratio 1 for orthogonal axes; 1e-6 is far below any shear that a scanner or registration makes.
  return !(a.every(Number.isFinite) && Math.abs(determinant(a)) > 1e-6 * x * y * z);
}

/**
 * World-to-voxel matrix of an affine whose last row is [0, 0, 0, 1].
 * @throws InvalidInputError('matrix-singular')
 */
export function invert(a: Affine): Affine {
  if (isSingular(a)) {
    const rows = [0, 4, 8].map((row) => `[${a.slice(row, row + 4)}]`).join(', ');
    throw new InvalidInputError('matrix-singular', { rows });
  }
  const d = 1 / determinant(a);
  const m = [
    (a[5] * a[10] - a[6] * a[9]) * d,
    (a[2] * a[9] - a[1] * a[10]) * d,
    (a[1] * a[6] - a[2] * a[5]) * d,
    (a[6] * a[8] - a[4] * a[10]) * d,
    (a[0] * a[10] - a[2] * a[8]) * d,
    (a[2] * a[4] - a[0] * a[6]) * d,
    (a[4] * a[9] - a[5] * a[8]) * d,
    (a[1] * a[8] - a[0] * a[9]) * d,
    (a[0] * a[5] - a[1] * a[4]) * d,
  ];
  const t = [0, 3, 6].map((row) => -(m[row] * a[3] + m[row + 1] * a[7] + m[row + 2] * a[11]));
  return [m[0], m[1], m[2], t[0], m[3], m[4], m[5], t[1], m[6], m[7], m[8], t[2], 0, 0, 0, 1];
}

/** Maps a point: voxel indices to mm, or mm to (fractional) voxel indices with an inverse. */
export function apply(a: Affine, [x, y, z]: Triple): Triple {
  return [
    a[0] * x + a[1] * y + a[2] * z + a[3],
    a[4] * x + a[5] * y + a[6] * z + a[7],
    a[8] * x + a[9] * y + a[10] * z + a[11],
  ];
}

/** Voxel edge lengths in mm: the norms of the first three columns. */
export function spacingFromAffine(a: Affine): Triple {
  return [Math.hypot(a[0], a[4], a[8]), Math.hypot(a[1], a[5], a[9]), Math.hypot(a[2], a[6], a[10])];
}

/**
 * The rotation (or rotoreflection) closest to the affine's 3x3 part once its columns have unit length: the orthogonal
 * factor of the polar decomposition, by Newton's iteration R <- (R + R^-T) / 2. Without shear it is the columns themselves.
 * @returns 9 numbers, row-major
 */
export function closestRotation(a: Affine): number[] {
  const [sx, sy, sz] = spacingFromAffine(a).map((s) => s || 1);
  let r = [a[0] / sx, a[1] / sy, a[2] / sz, a[4] / sx, a[5] / sy, a[6] / sz, a[8] / sx, a[9] / sy, a[10] / sz];
  for (let iteration = 0; iteration < 60; iteration++) {
    // R^-T is the matrix of cofactors over the determinant.
    const cofactors = [
      r[4] * r[8] - r[5] * r[7],
      r[5] * r[6] - r[3] * r[8],
      r[3] * r[7] - r[4] * r[6],
      r[2] * r[7] - r[1] * r[8],
      r[0] * r[8] - r[2] * r[6],
      r[1] * r[6] - r[0] * r[7],
      r[1] * r[5] - r[2] * r[4],
      r[2] * r[3] - r[0] * r[5],
      r[0] * r[4] - r[1] * r[3],
    ];
    const det = r[0] * cofactors[0] + r[1] * cofactors[1] + r[2] * cofactors[2];
    if (!Number.isFinite(1 / det)) return r;
    const next = r.map((value, i) => (value + cofactors[i] / det) / 2);
    const change = Math.max(...next.map((value, i) => Math.abs(value - r[i])));
    r = next;
    if (change < 1e-14) break;
  }
  return r;
}

/**
 * The world axis each voxel axis follows most closely, every world axis used once. Greedy, as nibabel does: the voxel
 * axis with the largest direction cosine chooses first, and its world axis is then taken.
 */
export function axisDirections(a: Affine): readonly [AxisDirection, AxisDirection, AxisDirection] {
  const r = closestRotation(a);
  const column = (axis: number) => [r[axis], r[3 + axis], r[6 + axis]];
  const strength = (axis: number) => Math.max(...column(axis).map((cosine) => cosine * cosine));
  const strongestFirst = [0, 1, 2].sort((i, j) => strength(j) - strength(i));
  const free = new Set([0, 1, 2]);
  const directions: AxisDirection[] = [];
  for (const axis of strongestFirst) {
    const cosines = column(axis);
    const worldAxis = [...free].reduce((best, next) =>
      Math.abs(cosines[next]) > Math.abs(cosines[best]) ? next : best,
    );
    free.delete(worldAxis);
    directions[axis] = { worldAxis: worldAxis as 0 | 1 | 2, sign: cosines[worldAxis] < 0 ? -1 : 1 };
  }
  return directions as unknown as readonly [AxisDirection, AxisDirection, AxisDirection];
}

/** Sides towards which x, y, z grow, e.g. 'RAS' or 'LPS'; the closest ones for an oblique scan. */
export function orientationCode(a: Affine): string {
  return axisDirections(a)
    .map(({ worldAxis, sign }) => (sign > 0 ? 'RAS' : 'LPI')[worldAxis])
    .join('');
}

/** Largest angle in degrees between a voxel axis and the world axis nearest to it; 0 when the scan is not oblique. */
export function obliquityDegrees(a: Affine): number {
  const angles = [0, 1, 2].map((axis) => {
    const [large, middle, small] = [a[axis], a[4 + axis], a[8 + axis]].map(Math.abs).sort((i, j) => j - i);
    return Math.atan2(Math.hypot(middle, small), large);
  });
  return (Math.max(...angles) * 180) / Math.PI;
}
