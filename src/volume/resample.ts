/**
 * Resampling to another voxel spacing with an antialiased triangle filter. `scripts/export-onnx` has a twin in Python
 * that follows the same text; the two agree to float32 rounding, so the network sees in the page what it was trained on.
 *
 * Per axis, n voxels in, m out: scale = n / m, support = max(1, scale). Output i has its centre at
 * c = (i + 0.5) scale - 0.5 and takes the voxels k in [ceil(c - support), floor(c + support)] that lie in [0, n - 1]
 * with weight max(0, 1 - |k - c| / support), divided by the sum of those weights.
 * Axes go x, y, z; sums are float64, what is stored between axes is float32; an axis with n = m is left alone.
 */
import type { Steps } from '../core/steps';
import type { Triple, VoxelArray } from './grid';

/** Grid size for a new spacing: max(1, floor(n s / t + 0.5)) per axis. 110 voxels of 0.9 mm at 1.5 mm -> 66. */
export function gridDims(dimsXyz: Triple, spacingXyz: Triple, targetSpacingXyz: Triple): Triple {
  const size = (axis: number) =>
    Math.max(1, Math.floor((dimsXyz[axis] * spacingXyz[axis]) / targetSpacingXyz[axis] + 0.5));
  return [size(0), size(1), size(2)];
}

interface AxisTaps {
  /** First input voxel of every output voxel. */
  readonly first: Int32Array;
  /** Where the weights of every output voxel begin; one more entry than there are outputs. */
  readonly begin: Int32Array;
  readonly weights: Float64Array;
}

function axisTaps(n: number, m: number): AxisTaps {
  const scale = n / m;
  const support = Math.max(1, scale);
  const first = new Int32Array(m);
  const begin = new Int32Array(m + 1);
  const weights: number[] = [];
  for (let i = 0; i < m; i++) {
    const c = (i + 0.5) * scale - 0.5;
    const from = Math.max(0, Math.ceil(c - support));
    const to = Math.min(n - 1, Math.floor(c + support));
    const taps: number[] = [];
    for (let k = from; k <= to; k++) taps.push(Math.max(0, 1 - Math.abs(k - c) / support));
    const sum = taps.reduce((total, weight) => total + weight, 0);
    first[i] = from;
    for (const weight of taps) weights.push(weight / sum);
    begin[i + 1] = weights.length;
  }
  return { first, begin, weights: Float64Array.from(weights) };
}

/** Voxels put out between two stops, a few milliseconds of work. */
const PIECE_VOXELS = 2 ** 18;

/** Resamples the fastest axis: rows of n contiguous voxels to rows of m. */
function* resampleRows(data: VoxelArray, rows: number, n: number, m: number): Steps<Float32Array> {
  const { first, begin, weights } = axisTaps(n, m);
  const out = new Float32Array(rows * m);
  const resample = (from: number, to: number): void => {
    for (let row = from; row < to; row++) {
      const input = row * n;
      const output = row * m;
      for (let i = 0; i < m; i++) {
        const base = input + first[i] - begin[i];
        let sum = 0;
        for (let tap = begin[i]; tap < begin[i + 1]; tap++) sum += weights[tap] * data[base + tap];
        out[output + i] = sum;
      }
    }
  };
  const piece = Math.ceil(PIECE_VOXELS / m);
  for (let row = 0; row < rows; row += piece) {
    resample(row, Math.min(rows, row + piece));
    yield;
  }
  return out;
}

/** Resamples a slower axis: `outer` blocks of n lines of `inner` contiguous voxels to blocks of m lines. */
function* resampleLines(data: VoxelArray, outer: number, inner: number, n: number, m: number): Steps<Float32Array> {
  const { first, begin, weights } = axisTaps(n, m);
  const out = new Float32Array(outer * m * inner);
  // Strips short enough to stay in the cache while all taps of one output line are added up.
  const strip = Math.min(inner, 2048);
  const sums = new Float64Array(strip);
  const resample = (block: number, i: number): void => {
    const output = (block * m + i) * inner;
    for (let start = 0; start < inner; start += strip) {
      const length = Math.min(strip, inner - start);
      sums.fill(0);
      for (let tap = begin[i]; tap < begin[i + 1]; tap++) {
        const weight = weights[tap];
        const line = (block * n + first[i] + tap - begin[i]) * inner + start;
        for (let j = 0; j < length; j++) sums[j] += weight * data[line + j];
      }
      for (let j = 0; j < length; j++) out[output + start + j] = sums[j];
    }
  };
  const piece = Math.ceil(PIECE_VOXELS / inner);
  for (let line = 0; line < outer * m; line++) {
    resample(Math.floor(line / m), line % m);
    if (line % piece === 0) yield;
  }
  return out;
}

/**
 * Resamples a volume so that both grids cover the same box.
 * @param data voxels, x fastest
 * @param dimsXyz its size
 * @param outDimsXyz size wanted, e.g. from `gridDims`
 * @returns new voxels, x fastest; always a copy
 */
export function* resampleLinear(data: VoxelArray, dimsXyz: Triple, outDimsXyz: Triple): Steps<Float32Array> {
  const [nx, ny, nz] = dimsXyz;
  const [mx, my, mz] = outDimsXyz;
  let values: VoxelArray = data;
  if (nx !== mx) values = yield* resampleRows(values, ny * nz, nx, mx);
  if (ny !== my) values = yield* resampleLines(values, nz, mx, ny, my);
  if (nz !== mz) values = yield* resampleLines(values, 1, mx * my, nz, mz);
  return values === data ? Float32Array.from(data) : (values as Float32Array);
}
