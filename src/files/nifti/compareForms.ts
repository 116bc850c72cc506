/** What is different between two places for one volume, in words with axes, mm and degrees. */

import { listed, type Message, message, type Parameter } from '../../core/messages';
import { millimetres, roundedTriple } from '../../core/rounded';
import { apply, axisDirections, closestRotation, determinant, spacingFromAffine } from '../../volume/affine';
import type { Affine, Triple } from '../../volume/grid';

/** Above either, two places are said to differ. */
const MAX_DIFFERENCE_MM = 0.1;
const MAX_DIFFERENCE_DEGREES = 0.1;
/** As a fraction of the voxel size. */
const MAX_SIZE_DIFFERENCE = 0.01;
/** From this turn on, a pane's letters could be others. */
const SIDES_CHANGE_FROM_DEGREES = 15;

const WORLD_AXES = [message('axis-left-right'), message('axis-front-back'), message('axis-head-feet')] as const;

const degrees = (radians: number) => (radians * 180) / Math.PI;

export interface FormDifference {
  /** How far apart a voxel may lie. */
  readonly mm: number;
  /** Reads on after "the other one is". */
  readonly what: Parameter;
  /** Whether the two may disagree about the sides of the patient. */
  readonly turnsSides: boolean;
}

/**
 * @param a voxel to mm, the one that is believed
 * @param b voxel to mm, the other one
 * @returns null where they agree to 0.1 mm and 0.1 degrees
 */
export function compareForms(a: Affine, b: Affine, dimsXyz: Triple): FormDifference | null {
  const mm = largestDistance(a, b, dimsXyz);
  const [r, s] = [closestRotation(a), closestRotation(b)];
  const isMirrored = determinant(a) < 0 !== determinant(b) < 0;
  // b's directions in those of a: how b would have to be turned, seen from the voxel axes.
  const turn = multiplyTransposed(r, s);
  let mirroredAxis: number | null = null;
  let rotation = rotationOf(turn);
  if (isMirrored) {
    const unmirrored = [0, 1, 2].map((axis) => rotationOf(turn.map((value, i) => (i % 3 === axis ? -value : value))));
    mirroredAxis = [0, 1, 2].reduce((best, axis) =>
      unmirrored[axis].degrees < unmirrored[best].degrees ? axis : best,
    );
    rotation = unmirrored[mirroredAxis];
  }
  if (!isMirrored && !(mm > MAX_DIFFERENCE_MM || rotation.degrees > MAX_DIFFERENCE_DEGREES)) return null;

  const parts: Message[] = [];
  const directions = axisDirections(a);
  if (mirroredAxis !== null)
    parts.push(message('form-mirrored', { axis: WORLD_AXES[directions[mirroredAxis].worldAxis] }));
  if (rotation.degrees > MAX_DIFFERENCE_DEGREES) {
    const about = directions[rotation.axis].worldAxis;
    parts.push(message('form-turned', { degrees: rotation.degrees.toFixed(1), axis: WORLD_AXES[about] }));
  }
  const [sizeA, sizeB] = [spacingFromAffine(a), spacingFromAffine(b)];
  if (sizeA.some((size, axis) => Math.abs(sizeB[axis] - size) > MAX_SIZE_DIFFERENCE * size)) {
    parts.push(message('form-of-other-size', { size: roundedTriple(sizeB), expected: `${roundedTriple(sizeA)} mm` }));
  }
  const centre = dimsXyz.map((n) => (n - 1) / 2) as unknown as Triple;
  const [p, q] = [apply(a, centre), apply(b, centre)];
  const shifts = WORLD_AXES.flatMap((axis, i) =>
    Math.abs(q[i] - p[i]) > MAX_DIFFERENCE_MM
      ? [message('shift-along', { distance: `${millimetres(Math.abs(q[i] - p[i]))} mm`, axis })]
      : [],
  );
  if (shifts.length > 0) parts.push(message('form-shifted', { shifts: listed(shifts) }));
  if (!isSameShear(leaning(a), leaning(b))) parts.push(message('form-sheared'));
  return {
    mm,
    what: parts.length > 0 ? listed(parts) : message('form-slightly-different'),
    turnsSides: isMirrored || rotation.degrees > SIDES_CHANGE_FROM_DEGREES,
  };
}

/** At the corners, where affine maps differ most. */
function largestDistance(a: Affine, b: Affine, dimsXyz: Triple): number {
  const [nx, ny, nz] = dimsXyz.map((n) => n - 1);
  let mm = 0;
  for (let corner = 0; corner < 8; corner++) {
    const voxel: Triple = [corner & 1 ? nx : 0, corner & 2 ? ny : 0, corner & 4 ? nz : 0];
    const [p, q] = [apply(a, voxel), apply(b, voxel)];
    mm = Math.max(mm, Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
  }
  return mm;
}

/** r^T s of 3x3 matrices, row-major. */
function multiplyTransposed(r: readonly number[], s: readonly number[]): number[] {
  return Array.from({ length: 9 }, (_, i) => {
    const [row, column] = [Math.floor(i / 3), i % 3];
    return r[row] * s[column] + r[3 + row] * s[3 + column] + r[6 + row] * s[6 + column];
  });
}

/** Angle of a rotation matrix and the voxel axis it turns about most nearly. */
function rotationOf(m: readonly number[]): { degrees: number; axis: number } {
  const skew = [m[7] - m[5], m[2] - m[6], m[3] - m[1]];
  // atan2 of sine and cosine: an arc cosine alone loses half the digits near 0.
  const angle = Math.atan2(Math.hypot(...skew) / 2, (m[0] + m[4] + m[8] - 1) / 2);
  // At 180 degrees the skew part vanishes; the axis is then the largest diagonal element.
  const along = [m[0], m[4], m[8]];
  return { degrees: degrees(angle), axis: along.indexOf(Math.max(...along)) };
}

/** The two voxel axes that are farthest off a right angle, and by how much to a tenth of a degree. */
interface Leaning {
  readonly axes: string;
  readonly degrees: string;
}

/** Null where all axes are at right angles. */
function leaning(affine: Affine): Leaning | null {
  const spacing = spacingFromAffine(affine);
  const pairs = [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const;
  const angles = pairs.map(([i, j]) => {
    const dot = [0, 4, 8].reduce((sum, row) => sum + affine[row + i] * affine[row + j], 0);
    return degrees(Math.asin(Math.min(1, Math.abs(dot) / (spacing[i] * spacing[j]))));
  });
  const most = Math.max(...angles);
  if (!(most > MAX_DIFFERENCE_DEGREES)) return null;
  const [i, j] = pairs[angles.indexOf(most)];
  return { axes: 'xyz'[i] + 'xyz'[j], degrees: most.toFixed(1) };
}

const isSameShear = (a: Leaning | null, b: Leaning | null) => a?.axes === b?.axes && a?.degrees === b?.degrees;

/** One sentence where two voxel axes are not at right angles, as after a tilted gantry. */
export function shear(affine: Affine): Message | null {
  const found = leaning(affine);
  return found && message('scan-sheared', { first: found.axes[0], second: found.axes[1], degrees: found.degrees });
}
