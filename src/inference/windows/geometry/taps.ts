/** What the executors need to know about the tables by which the output grid reads the model grid. */
import { InternalError } from '../../../core/errors';
import { type AxisTaps, axisTaps, shiftTaps } from '../../../volume/axisTaps';

export type Taps = AxisTaps;

/** Linear, edges aligned; `below` padding voxels come before the first of the `inputs`. */
export const linearTaps = (outputs: number, inputs: number, below = 0): Taps =>
  shiftTaps(axisTaps(inputs, outputs, 'linear'), below);

/** @throws InternalError when a table breaks what `Taps` promises, which the moving window of planes relies on */
export function requireValidTaps({ lower, upper, fraction }: Taps, size: number, axis: string): void {
  for (let i = 0; i < lower.length; i++) {
    const ok =
      lower[i] >= Math.max(0, lower[i - 1] ?? 0) &&
      (upper[i] === lower[i] || upper[i] === lower[i] + 1) &&
      upper[i] >= (upper[i - 1] ?? 0) &&
      upper[i] < size &&
      fraction[i] >= 0 &&
      fraction[i] <= 1;
    if (!ok) {
      throw new InternalError('invariant', {
        what: `Output voxel ${i} along ${axis} reads voxels ${lower[i]} and ${upper[i]} of ${size} (${fraction[i]}).`,
      });
    }
  }
}

/**
 * Output planes that become final with each group of windows of one start along the slowest axis: those that read no
 * plane at or beyond the next start.
 * @param starts of the windows along that axis, ascending
 * @returns one [from, to) per start; together all output planes, in order
 */
export function finishedPlanes(starts: readonly number[], { upper }: Taps): (readonly [number, number])[] {
  let from = 0;
  return starts.map((_, k) => {
    const next = starts[k + 1] ?? Number.POSITIVE_INFINITY;
    let to = from;
    while (to < upper.length && upper[to] < next) to++;
    const range = [from, to] as const;
    from = to;
    return range;
  });
}

/**
 * Planes of the padded grid to keep at a time: a window's own and the one before, which output planes between the last
 * finished plane and the first unfinished one still read.
 */
export const ringDepth = (patch: number, padded: number): number => Math.min(patch + 1, padded);
