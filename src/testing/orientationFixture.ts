/** Affines for tests: all 48 ways to lay voxel axes along R, A, S, each tilted by some rotations. */
import { multiply } from '../volume/affine';
import type { Affine, Triple } from '../volume/grid';

export interface OrientedCase {
  /** e.g. 'LPS tilted 7,-5,11' */
  readonly title: string;
  readonly code: string;
  readonly affine: Affine;
}

/** Rotation by three angles in degrees about R, A, S. */
export function rotation([aboutX, aboutY, aboutZ]: Triple): Affine {
  const [x, y, z] = [aboutX, aboutY, aboutZ].map((degrees) => (degrees * Math.PI) / 180);
  const [cx, sx, cy, sy, cz, sz] = [Math.cos(x), Math.sin(x), Math.cos(y), Math.sin(y), Math.cos(z), Math.sin(z)];
  const rx: Affine = [1, 0, 0, 0, 0, cx, -sx, 0, 0, sx, cx, 0, 0, 0, 0, 1];
  const ry: Affine = [cy, 0, sy, 0, 0, 1, 0, 0, -sy, 0, cy, 0, 0, 0, 0, 1];
  const rz: Affine = [cz, -sz, 0, 0, sz, cz, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  return multiply(rz, multiply(ry, rx));
}

const TILTS: readonly Triple[] = [
  [0, 0, 0],
  [7, -5, 11],
  [-18, 14, 9],
];

/** 48 orientations x 3 tilts, with spacing (0.8, 1.1, 2.5) mm and an origin away from 0. */
export function orientedCases(): OrientedCase[] {
  const spacing = [0.8, 1.1, 2.5];
  const cases: OrientedCase[] = [];
  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ]) {
    for (let signs = 0; signs < 8; signs++) {
      const code = order.map((world, axis) => ((signs >> axis) & 1 ? 'LPI' : 'RAS')[world]).join('');
      const matrix = new Array<number>(16).fill(0);
      order.forEach((world, axis) => {
        matrix[world * 4 + axis] = (signs >> axis) & 1 ? -spacing[axis] : spacing[axis];
      });
      [matrix[3], matrix[7], matrix[11], matrix[15]] = [-31.5, 17.25, 102, 1];
      for (const tilt of TILTS) {
        const affine = multiply(rotation(tilt), matrix as unknown as Affine);
        cases.push({ title: `${code} tilted ${tilt.join(',')}`, code, affine });
      }
    }
  }
  return cases;
}
