/** EPA as the published code computes it, in float64 and plain loops. */
import type { EpaLayer } from './weights';

/** @param x (N, C) @returns (N, C) */
export function epaReference(x: ArrayLike<number>, w: EpaLayer): Float64Array {
  const { tokens: N, channels: C, heads: H, projected: P, projection, fusion } = w;
  const d = C / H;
  // (4, H, d, N): qkvv(x).reshape(N, 4, H, d).permute(1, 2, 3, 0)
  const qkvv = fill(4 * C * N, (i) => sum(C, (c) => x[(i % N) * C + c] * w.qkvv[c * 4 * C + Math.floor(i / N)]));
  const [q, k, vChannel, vSpatial] = [0, 1, 2, 3].map((part) => qkvv.subarray(part * C * N, (part + 1) * C * N));
  const [e, f] =
    projection.kind === 'plain'
      ? [projection.ef, projection.ef]
      : projection.kind === 'shared'
        ? [projection.e, projection.e]
        : [projection.e, projection.f];
  const [eBias, fBias] =
    projection.kind === 'plain'
      ? []
      : projection.kind === 'shared'
        ? [projection.eBias, projection.eBias]
        : [projection.eBias, projection.fBias];
  const project = (v: Float64Array, matrix: ArrayLike<number>, bias?: ArrayLike<number>) =>
    fill(C * P, (i) => sum(N, (n) => v[Math.floor(i / P) * N + n] * matrix[n * P + (i % P)]) + (bias?.[i % P] ?? 0));
  const kProjected = project(k, e, eBias); // (H, d, P), before k is normalised
  const vProjected = project(vSpatial, f, fBias);
  for (const rows of [q, k]) {
    for (let c = 0; c < C; c++) {
      const length = Math.max(Math.sqrt(sum(N, (n) => rows[c * N + n] ** 2)), 1e-12);
      for (let n = 0; n < N; n++) rows[c * N + n] /= length;
    }
  }
  const channel = new Float64Array(N * C); // (N, H, d)
  const spatial = new Float64Array(N * C); // (d, H, N), flattened: read as (N, C) this is the published scramble
  for (let h = 0; h < H; h++) {
    const at = (i: number, n: number) => (h * d + i) * N + n;
    for (let i = 0; i < d; i++) {
      const a = softmax(fill(d, (j) => sum(N, (n) => q[at(i, n)] * k[at(j, n)]) * w.temperature[h]));
      for (let n = 0; n < N; n++) channel[n * C + h * d + i] = sum(d, (j) => a[j] * vChannel[at(j, n)]);
    }
    for (let n = 0; n < N; n++) {
      const a = softmax(
        fill(P, (p) => sum(d, (i) => q[at(i, n)] * kProjected[(h * d + i) * P + p]) * w.temperature2[h]),
      );
      for (let i = 0; i < d; i++) spatial[(i * H + h) * N + n] = sum(P, (p) => a[p] * vProjected[(h * d + i) * P + p]);
    }
  }
  if (fusion.kind === 'sum') return fill(N * C, (i) => channel[i] + spatial[i]);
  const linear = (rows: Float64Array, n: number, o: number, matrix: ArrayLike<number>, bias: ArrayLike<number>) =>
    sum(C, (c) => rows[n * C + c] * matrix[(c * C) / 2 + o]) + bias[o];
  return fill(N * C, (i) => {
    const [n, o] = [Math.floor(i / C), i % C];
    if (o < C / 2) return linear(spatial, n, o, fusion.outProj, fusion.outProjBias);
    return linear(channel, n, o - C / 2, fusion.outProj2, fusion.outProj2Bias);
  });
}

/** (N, C) layer norm with float64 sums. */
export function layerNormReference(
  t: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias: ArrayLike<number>,
  epsilon: number,
): Float64Array {
  const C = weight.length;
  return fill(t.length, (i) => {
    const first = i - (i % C);
    const mean = sum(C, (c) => t[first + c]) / C;
    const variance = sum(C, (c) => (t[first + c] - mean) ** 2) / C;
    return ((t[i] - mean) / Math.sqrt(variance + epsilon)) * weight[i % C] + bias[i % C];
  });
}

function fill(length: number, value: (i: number) => number): Float64Array {
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) values[i] = value(i);
  return values;
}

function sum(length: number, value: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < length; i++) total += value(i);
  return total;
}

function softmax(scores: Float64Array): Float64Array {
  const top = scores.reduce((a, b) => Math.max(a, b));
  const weights = scores.map((s) => Math.exp(s - top));
  const total = sum(weights.length, (i) => weights[i]);
  return weights.map((v) => v / total);
}
