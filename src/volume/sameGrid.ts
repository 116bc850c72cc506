/** Whether two volumes lie on one grid: equal sizes, equal place. */
import { InvalidInputError } from '../core/errors';
import { type Message, message } from '../core/messages';
import { apply } from './affine';
import type { Grid, Triple } from './grid';

/** Corners may lie this far apart, as a part of the smallest voxel edge: headers store positions as rounded float32. */
const TOLERANCE = 0.1;

/**
 * What differs, as words that read on after "they are not on the same grid:"; null when nothing does. Places are compared
 * at the corners, where affine maps differ most.
 */
export function gridDifference(a: Grid, b: Grid): Message | null {
  if (a.dimsXyz.some((n, axis) => n !== b.dimsXyz[axis])) {
    return message('grid-sizes-differ', { second: b.dimsXyz.join(' x '), first: a.dimsXyz.join(' x ') });
  }
  const last = a.dimsXyz.map((n) => n - 1);
  let mm = 0;
  for (const corner of [0, 1, 2, 3, 4, 5, 6, 7]) {
    const voxel = last.map((end, axis) => ((corner >> axis) & 1 ? end : 0)) as unknown as Triple;
    const [p, q] = [apply(a.affine, voxel), apply(b.affine, voxel)];
    mm = Math.max(mm, Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]));
  }
  const differ = mm > TOLERANCE * Math.min(...a.spacingXyz);
  return differ ? message('grid-positions-differ', { distance: `${mm.toFixed(2)} mm` }) : null;
}

/**
 * Scans that are used together must lie on one grid.
 * @throws InvalidInputError('grids-differ') naming the first that does not fit
 */
export function requireEqualGrids(scans: readonly (Grid & { readonly name: string })[]): void {
  const [first, ...others] = scans;
  for (const other of others) {
    const difference = gridDifference(first, other);
    if (difference) throw new InvalidInputError('grids-differ', { other: other.name, first: first.name, difference });
  }
}
