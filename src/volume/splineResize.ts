/**
 * Resizing a volume with splines as scikit-image's `resize(mode='edge', anti_aliasing=False, preserve_range=True)` does,
 * which is scipy's `ndimage.zoom(grid_mode=True, mode='nearest')`: what nnU-Net prepares its scans with.
 *
 * Per axis, n voxels in, m out: output i lies at c = (i + 0.5) n / m - 0.5 of the input (edges of both grids coincide,
 * nothing is smoothed when m < n).
 *   order 0  the voxel at floor(c + 0.5)
 *   order 1  linear between floor(c) and the next, c clamped to [0, n - 1]
 *   order 3  cubic B-spline through the voxels: sum over k of coefficient[k] * beta3(c - k)
 * Coefficients come from the recursive filter with pole sqrt(3) - 2 (Unser, "Splines: a perfect fit for signal and image
 * processing", 1999), run over the line with its end values repeated 12 times on both sides and mirrored beyond that, as
 * scipy does. The filter and the sum are linear along one axis, so the axes are done one after another: float64 within a
 * line, float32 between axes.
 */

import type { Steps } from '../core/steps';
import { type AxisTaps, axisTaps } from './axisTaps';
import type { Triple, VoxelArray } from './grid';

export type SplineOrder = 0 | 1 | 3;

/** One axis that is resized by itself after the other two, slice by slice (nnU-Net's "separate z"). */
export interface SeparateAxis {
  /** 0 = D, 1 = H, 2 = W. */
  readonly axis: 0 | 1 | 2;
  readonly order: SplineOrder;
}

const POLE = Math.sqrt(3) - 2;
/** (1 - pole)(1 - 1 / pole). */
const GAIN = 6;
/** scipy.ndimage's padding for mode 'nearest'. */
const REPEATED = 12;
/** pole^30 < 1e-17: the mirrored line contributes nothing beyond. */
const HORIZON = 30;
/** Lines filtered side by side: enough to hide the recursion's latency, few enough to stay in the cache. */
const LANES = 32;

/** Where the lines of one axis lie in memory: element k of line l is at `offset + l * lane + k * step`. */
interface Lines {
  readonly offset: number;
  readonly lane: number;
  readonly step: number;
}

/** Values -> B-spline coefficients, in place. `line` holds `count` positions of LANES lanes each; half-sample mirrored. */
function toCoefficients(line: Float64Array, count: number): void {
  for (let lane = 0; lane < LANES; lane++) {
    // The causal recursion's history before position 0, from the mirror image: s[0], s[1], ..., s[count - 1], s[count - 1], ...
    let history = 0;
    for (let k = HORIZON; k >= 0; k--) {
      const folded = k % (2 * count);
      const mirrored = folded < count ? folded : 2 * count - 1 - folded;
      history = history * POLE + line[mirrored * LANES + lane];
    }
    line[lane] += POLE * history;
  }
  const end = count * LANES;
  for (let at = LANES; at < end; at++) line[at] += POLE * line[at - LANES];
  for (let at = end - LANES; at < end; at++) line[at] *= POLE / (POLE - 1);
  for (let at = end - LANES - 1; at >= 0; at--) line[at] = POLE * (line[at + LANES] - line[at]);
}

/** Cubic weights of every output: the first of four positions of the padded line, and the four weights. */
function cubicTaps(n: number, m: number): { first: Int32Array; weights: Float64Array } {
  const first = new Int32Array(m);
  const weights = new Float64Array(4 * m);
  const zoom = n / m;
  for (let i = 0; i < m; i++) {
    const c = (i + 0.5) * zoom - 0.5 + REPEATED;
    const floor = Math.floor(c);
    const t = c - floor;
    first[i] = floor - 1;
    const rest = 1 - t;
    weights[4 * i] = (GAIN * rest ** 3) / 6;
    weights[4 * i + 1] = (GAIN * (t * t * (t - 2) * 3 + 4)) / 6;
    weights[4 * i + 2] = (GAIN * (rest * rest * (rest - 2) * 3 + 4)) / 6;
    weights[4 * i + 3] = (GAIN * t ** 3) / 6;
  }
  return { first, weights };
}

function cubicLines(data: VoxelArray, from: Lines, out: Float32Array, to: Lines, lines: number, n: number, m: number) {
  const { first, weights } = cubicTaps(n, m);
  const count = n + 2 * REPEATED;
  const line = new Float64Array(count * LANES);
  for (let start = 0; start < lines; start += LANES) {
    const lanes = Math.min(LANES, lines - start);
    for (let k = 0; k < count; k++) {
      const voxel = from.offset + start * from.lane + Math.min(Math.max(k - REPEATED, 0), n - 1) * from.step;
      for (let lane = 0; lane < lanes; lane++) line[k * LANES + lane] = data[voxel + lane * from.lane];
    }
    toCoefficients(line, count);
    for (let i = 0; i < m; i++) {
      const at = first[i] * LANES;
      const w0 = weights[4 * i];
      const w1 = weights[4 * i + 1];
      const w2 = weights[4 * i + 2];
      const w3 = weights[4 * i + 3];
      const voxel = to.offset + start * to.lane + i * to.step;
      for (let lane = 0; lane < lanes; lane++) {
        const k = at + lane;
        out[voxel + lane * to.lane] =
          w0 * line[k] + w1 * line[k + LANES] + w2 * line[k + 2 * LANES] + w3 * line[k + 3 * LANES];
      }
    }
  }
}

function tappedLines(data: VoxelArray, from: Lines, out: Float32Array, to: Lines, lines: number, taps: AxisTaps) {
  const { lower, upper, fraction } = taps;
  for (let i = 0; i < lower.length; i++) {
    const low = from.offset + lower[i] * from.step;
    const high = from.offset + upper[i] * from.step;
    const voxel = to.offset + i * to.step;
    const t = fraction[i];
    for (let line = 0; line < lines; line++) {
      out[voxel + line * to.lane] = (1 - t) * data[low + line * from.lane] + t * data[high + line * from.lane];
    }
  }
}

/** Voxels read between two stops, some milliseconds of work. */
const PIECE_VOXELS = 2 ** 18;

/** One axis of n voxels to m: by a table, or by the cubic spline where there is none. */
function* resizeAxis(
  data: VoxelArray,
  dimsDhw: Triple,
  axis: number,
  m: number,
  taps: AxisTaps | null,
): Steps<Float32Array> {
  const n = dimsDhw[axis];
  const outer = dimsDhw.slice(0, axis).reduce((product, size) => product * size, 1);
  const inner = dimsDhw.slice(axis + 1).reduce((product, size) => product * size, 1);
  const out = new Float32Array(outer * m * inner);
  const run = (from: Lines, to: Lines, lines: number) =>
    taps ? tappedLines(data, from, out, to, lines, taps) : cubicLines(data, from, out, to, lines, n, m);
  // The fastest axis: whole rows side by side. The others: neighbours in memory side by side.
  const [rows, blocks] = inner === 1 ? [outer, 1] : [inner, outer];
  const [laneIn, laneOut] = inner === 1 ? [n, m] : [1, 1];
  // Whole groups of LANES, so that cutting a block into pieces changes no arithmetic.
  const piece = LANES * Math.ceil(PIECE_VOXELS / (n * LANES));
  for (let block = 0; block < blocks; block++) {
    for (let row = 0; row < rows; row += piece) {
      const from = { offset: block * n * inner + row * laneIn, lane: laneIn, step: inner };
      const to = { offset: block * m * inner + row * laneOut, lane: laneOut, step: inner };
      run(from, to, Math.min(piece, rows - row));
      yield;
    }
  }
  return out;
}

/**
 * Reads a volume at the voxels of another grid.
 * @param data (D, H, W), W fastest
 * @param taps one table per axis; null leaves an axis as it is
 * @returns new voxels; always a copy
 */
export function* tapVolume(
  data: VoxelArray,
  dimsDhw: Triple,
  taps: readonly [AxisTaps | null, AxisTaps | null, AxisTaps | null],
): Steps<Float32Array<ArrayBuffer>> {
  const dims: [number, number, number] = [...dimsDhw];
  let values: VoxelArray = data;
  for (const axis of [2, 1, 0]) {
    const table = taps[axis];
    if (!table) continue;
    values = yield* resizeAxis(values, dims, axis, table.lower.length, table);
    dims[axis] = table.lower.length;
  }
  return (values === data ? Float32Array.from(data) : values) as Float32Array<ArrayBuffer>;
}

/** Smallest and largest value of every slice across `axis`, or of the whole volume when it is null. */
function ranges(data: VoxelArray, dimsDhw: Triple, axis: number | null): { low: Float64Array; high: Float64Array } {
  const slices = axis === null ? 1 : dimsDhw[axis];
  const low = new Float64Array(slices).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(slices).fill(Number.NEGATIVE_INFINITY);
  forSlices(dimsDhw, axis, (slice, start, end) => {
    for (let i = start; i < end; i++) {
      if (data[i] < low[slice]) low[slice] = data[i];
      if (data[i] > high[slice]) high[slice] = data[i];
    }
  });
  return { low, high };
}

/** Calls back with every contiguous run of voxels of one slice across `axis`. */
function forSlices(dimsDhw: Triple, axis: number | null, visit: (slice: number, start: number, end: number) => void) {
  const total = dimsDhw[0] * dimsDhw[1] * dimsDhw[2];
  if (axis === null) return visit(0, 0, total);
  const run = dimsDhw.slice(axis + 1).reduce((product, size) => product * size, 1);
  for (let start = 0, slice = 0; start < total; start += run, slice++) visit(slice % dimsDhw[axis], start, start + run);
}

/**
 * Resizes a volume so that both grids cover the same box.
 * @param data voxels (D, H, W), W fastest
 * @param order along every axis that is not `separate`; a cubic result is clipped to the range of what it was made from:
 *   the volume, or with `separate` each slice by itself
 * @returns new voxels; always a copy. Agrees with scikit-image to float32 rounding of the values
 */
export function* splineResize(
  data: VoxelArray,
  dimsDhw: Triple,
  outDhw: Triple,
  order: SplineOrder,
  separate: SeparateAxis | null = null,
): Steps<Float32Array<ArrayBuffer>> {
  const dims: [number, number, number] = [...dimsDhw];
  let values: VoxelArray = data;
  const resize = function* (axis: number, by: SplineOrder): Steps<void> {
    const [n, m] = [dims[axis], outDhw[axis]];
    if (n === m) return;
    values = yield* resizeAxis(
      values,
      dims,
      axis,
      m,
      by === 3 ? null : axisTaps(n, m, by === 1 ? 'linear' : 'nearest'),
    );
    dims[axis] = m;
  };
  for (const axis of [2, 1, 0]) if (axis !== separate?.axis) yield* resize(axis, order);
  if (order === 3 && values !== data) {
    const across = separate?.axis ?? null;
    const { low, high } = ranges(data, dimsDhw, across);
    yield;
    forSlices(dims, across, (slice, start, end) => {
      for (let i = start; i < end; i++) values[i] = Math.min(high[slice], Math.max(low[slice], values[i]));
    });
  }
  if (separate) yield* resize(separate.axis, separate.order);
  return (values === data ? Float32Array.from(data) : values) as Float32Array<ArrayBuffer>;
}
