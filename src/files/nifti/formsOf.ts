/** What a NIfTI header says about the place of a volume that was made in memory. */
import { closestRotation, determinant, spacingFromAffine } from '../../volume/affine';
import type { Affine, Triple } from '../../volume/grid';
import type { NiftiForms } from '../../volume/volume';

const SCANNER = 1;
const MILLIMETRES = 2;

/** The affine goes into the sform, and into the qform too unless it has shear, which a qform cannot hold. */
export function formsOf(affine: Affine): NiftiForms {
  const rotation = rotationOf(affine);
  return {
    version: 1,
    pixdim: [rotation?.qfac ?? 1, ...spacingFromAffine(affine), 1, 1, 1, 1],
    units: MILLIMETRES,
    qformCode: rotation ? SCANNER : 0,
    sformCode: SCANNER,
    quaternion: [...(rotation?.bcd ?? [0, 0, 0]), affine[3], affine[7], affine[11]],
    srows: affine.slice(0, 12),
  };
}

/** Quaternion (a >= 0) and qfac of an affine, null when its axes are not at right angles: a qform cannot hold shear. */
function rotationOf(affine: Affine): { bcd: Triple; qfac: 1 | -1 } | null {
  const qfac = determinant(affine) < 0 ? -1 : 1;
  const spacing = [0, 1, 2].map((axis) => Math.hypot(affine[axis], affine[4 + axis], affine[8 + axis]));
  const closest = closestRotation(affine);
  const isOrthogonal = closest.every((value, i) => {
    const [row, column] = [Math.floor(i / 3), i % 3];
    // float32 headers carry cosines to 1e-7; 1e-5 is 0.005 mm over half a metre.
    return Math.abs(affine[row * 4 + column] / spacing[column] - value) < 1e-5;
  });
  if (!isOrthogonal) return null;
  const r = closest.map((value, i) => (i % 3 === 2 ? value * qfac : value));
  // The largest of 4a^2, 4b^2, 4c^2, 4d^2 is at least 1: dividing by its root is always safe.
  const squares = [1 + r[0] + r[4] + r[8], 1 + r[0] - r[4] - r[8], 1 - r[0] + r[4] - r[8], 1 - r[0] - r[4] + r[8]];
  const largest = squares.indexOf(Math.max(...squares));
  const products = [
    [squares[0], r[7] - r[5], r[2] - r[6], r[3] - r[1]],
    [r[7] - r[5], squares[1], r[1] + r[3], r[2] + r[6]],
    [r[2] - r[6], r[1] + r[3], squares[2], r[5] + r[7]],
    [r[3] - r[1], r[2] + r[6], r[5] + r[7], squares[3]],
  ][largest];
  const scale = 1 / (2 * Math.sqrt(squares[largest]));
  const [a, b, c, d] = products.map((product) => product * scale);
  const sign = a < 0 ? -1 : 1;
  return { bcd: [b * sign, c * sign, d * sign], qfac };
}
