/** When nnU-Net resizes a scan slice by slice: thick slices are not mixed by the in-plane spline. */
import type { Triple } from '../../volume/grid';
import { roundHalfEven } from '../windows/geometry/starts';

export type SeparateRule = 'auto' | 'always' | 'never';
type Axis = 0 | 1 | 2;

/** Spacings this close are the same: affines store float32 numbers, and oblique ones have rounded column lengths. */
const SAME_SPACING = 1e-5;

const isAnisotropic = (spacing: Triple, threshold: number) =>
  Math.max(...spacing) / Math.min(...spacing) > threshold * (1 + SAME_SPACING);

/** The one axis with the coarsest spacing; null when two share it: (0.24, 1.25, 1.25) has no slices to go by. */
function coarsestAxis(spacing: Triple): Axis | null {
  const coarsest = Math.max(...spacing);
  const axes = ([0, 1, 2] as const).filter((axis) => coarsest <= spacing[axis] * (1 + SAME_SPACING));
  return axes.length === 1 ? axes[0] : null;
}

/** Which spacing decided, and the axis it names. */
export interface SeparateChoice {
  readonly axis: Axis | null;
  readonly by: 'from' | 'to';
}

/**
 * The axis that is resized by itself: the coarsest of the first of the two grids that is anisotropic.
 * (5, 0.8, 0.8) mm to (1, 1, 1) mm, threshold 3 -> axis 0, by 'from'.
 * @param from spacing of the one grid, mm; nnU-Net asks the scan's first, in both directions
 * @param to spacing of the other
 * @param threshold largest coarsest / finest that counts as isotropic
 */
export function separateAxis(from: Triple, to: Triple, rule: SeparateRule, threshold: number): SeparateChoice {
  if (rule === 'always') return { axis: coarsestAxis(from), by: 'from' };
  if (rule === 'auto' && isAnisotropic(from, threshold)) return { axis: coarsestAxis(from), by: 'from' };
  if (rule === 'auto' && isAnisotropic(to, threshold)) return { axis: coarsestAxis(to), by: 'to' };
  return { axis: null, by: 'from' };
}

/** Grid size for a new spacing: round(from / to * size) per axis, ties to even, as numpy rounds; at least 1. */
export function resizedDims(dimsDhw: Triple, from: Triple, to: Triple): Triple {
  return dimsDhw.map((n, axis) => Math.max(1, roundHalfEven((from[axis] / to[axis]) * n))) as unknown as Triple;
}
