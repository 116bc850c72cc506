/** What every op of ops.ts means, as obvious loops in float64 over ONNX-ordered arrays. For tests only. */
import type { Triple } from '../../../volume/grid';
import type { EngineOp, EpaWeights, LeakyRelu, Norm } from './ops';

type Numbers = Float32Array | Float64Array;

const product = (dims: readonly number[]) => dims.reduce((a, b) => a * b, 1);

/** (cin, ...inDhw) -> (cout, ...outDhw) */
function convolve(
  x: Numbers,
  w: Numbers,
  bias: Numbers | null,
  [cout, cin]: readonly number[],
  [D, H, W]: Triple,
  [kD, kH, kW]: Triple,
  stride: Triple,
  pad: number,
): Float64Array {
  const out = [D, H, W].map((n, i) => Math.floor((n + 2 * pad - [kD, kH, kW][i]) / stride[i]) + 1);
  const y = new Float64Array(cout * product(out));
  let at = 0;
  for (let o = 0; o < cout; o++)
    for (let z = 0; z < out[0]; z++)
      for (let v = 0; v < out[1]; v++)
        for (let u = 0; u < out[2]; u++, at++) {
          let sum = bias?.[o] ?? 0;
          for (let c = 0; c < cin; c++)
            for (let k = 0; k < kD; k++)
              for (let j = 0; j < kH; j++)
                for (let i = 0; i < kW; i++) {
                  const [d, h, t] = [z * stride[0] + k - pad, v * stride[1] + j - pad, u * stride[2] + i - pad];
                  if (d < 0 || h < 0 || t < 0 || d >= D || h >= H || t >= W) continue;
                  sum += x[((c * D + d) * H + h) * W + t] * w[(((o * cin + c) * kD + k) * kH + j) * kW + i];
                }
          y[at] = sum;
        }
  return y;
}

/** (cin, ...inDhw) -> (cout, ...inDhw * kernel) */
function upsample(
  x: Numbers,
  w: Numbers,
  bias: Numbers | null,
  cin: number,
  cout: number,
  dhw: Triple,
  kernel: Triple,
) {
  const out = dhw.map((n, i) => n * kernel[i]);
  const y = new Float64Array(cout * product(out));
  for (let at = 0; at < y.length; at++) {
    const u = at % out[2];
    const v = Math.floor(at / out[2]) % out[1];
    const z = Math.floor(at / (out[1] * out[2])) % out[0];
    const o = Math.floor(at / product(out));
    const [d, h, t] = [z, v, u].map((n, i) => Math.floor(n / kernel[i]));
    const tap = ((z % kernel[0]) * kernel[1] + (v % kernel[1])) * kernel[2] + (u % kernel[2]);
    y[at] = bias?.[o] ?? 0;
    for (let c = 0; c < cin; c++) {
      y[at] += x[((c * dhw[0] + d) * dhw[1] + h) * dhw[2] + t] * w[(c * cout + o) * product(kernel) + tap];
    }
  }
  return y;
}

function normalise(x: Float64Array, channels: number, { groups, epsilon, gamma, beta }: Norm): Float64Array {
  const size = x.length / groups;
  const voxels = x.length / channels;
  return x.map((value, i) => {
    const group = Math.floor(i / size);
    if (i % size === 0) {
      const part = x.subarray(i, i + size);
      mean[group] = part.reduce((a, b) => a + b, 0) / size;
      variance[group] = part.reduce((a, b) => a + (b - mean[group]) ** 2, 0) / size;
    }
    const c = Math.floor(i / voxels);
    return ((value - mean[group]) / Math.sqrt(variance[group] + epsilon)) * (gamma?.[c] ?? 1) + (beta?.[c] ?? 0);
  });
}
const mean: number[] = [];
const variance: number[] = [];

function activate(x: Float64Array, act: LeakyRelu | null): Float64Array {
  return act ? x.map((v) => (v >= 0 ? v : v * act.slope)) : x;
}

/** In place over the last axis of `width`. */
function softmax(x: Float64Array, width: number): Float64Array {
  for (let row = 0; row < x.length; row += width) {
    const part = x.subarray(row, row + width);
    const top = part.reduce((a, b) => Math.max(a, b), -Infinity);
    for (let i = 0; i < width; i++) part[i] = Math.exp(part[i] - top);
    const sum = part.reduce((a, b) => a + b, 0);
    for (let i = 0; i < width; i++) part[i] /= sum;
  }
  return x;
}

/** a (m, k) times b (n, k) transposed -> (m, n) */
function timesTransposed(a: Numbers, b: Numbers, m: number, n: number, k: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++) for (let l = 0; l < k; l++) out[i * n + j] += a[i * k + l] * b[j * k + l];
  return out;
}

function transpose(a: Numbers, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: a.length }, (_, i) => a[(i % rows) * columns + Math.floor(i / rows)]);
}

/** x (N, C) -> (N, C) */
function attend(x: Numbers, n: number, c: number, w: EpaWeights): Float64Array {
  const [d, p] = [c / w.heads, w.projected];
  const roles = timesTransposed(transpose(w.qkvv, c, 4 * c), x, 4 * c, n, c); // (4, h, d, N)
  const channel = new Float64Array(n * c);
  const spatial = new Float64Array(n * c); // (d, h, N), read as (N, C)
  for (let h = 0; h < w.heads; h++) {
    const role = (r: number) => roles.slice((r * c + h * d) * n, (r * c + (h + 1) * d) * n); // (d, N)
    const project = (v: Numbers, matrix: Numbers, bias: Numbers | null) =>
      timesTransposed(v, transpose(matrix, n, p), d, p, n).map((s, i) => s + (bias?.[i % p] ?? 0)); // (d, P)
    const unit = (v: Float64Array) =>
      v.map((s, i) => {
        const row = v.subarray(i - (i % n), i - (i % n) + n);
        return s / Math.max(1e-12, Math.hypot(...row));
      });
    const [kp, sp] = [project(role(1), w.e, w.eBias), project(role(3), w.f, w.fBias)];
    const [q, k] = [unit(role(0)), unit(role(1))];
    const gram = timesTransposed(q, k, d, d, n).map((s) => s * w.temperature[h]);
    const mixed = timesTransposed(softmax(gram, d), transpose(role(2), d, n), d, n, d); // (d, N)
    const affinity = timesTransposed(transpose(q, d, n), transpose(kp, d, p), n, p, d).map(
      (s) => s * w.temperature2[h],
    );
    const seen = timesTransposed(softmax(affinity, p), sp, n, d, p); // (N, d)
    for (let t = 0; t < n; t++)
      for (let i = 0; i < d; i++) {
        channel[t * c + h * d + i] = mixed[i * n + t];
        spatial[(i * w.heads + h) * n + t] = seen[t * d + i];
      }
  }
  if (!w.output) return channel.map((v, i) => v + spatial[i]);
  const { outProj, outProjBias, outProj2, outProj2Bias } = w.output;
  const halves = [
    timesTransposed(spatial, transpose(outProj, c, c / 2), n, c / 2, c).map((v, i) => v + outProjBias[i % (c / 2)]),
    timesTransposed(channel, transpose(outProj2, c, c / 2), n, c / 2, c).map((v, i) => v + outProj2Bias[i % (c / 2)]),
  ];
  return Float64Array.from({ length: n * c }, (_, i) => {
    const [t, j] = [Math.floor(i / c), i % c];
    return halves[j < c / 2 ? 0 : 1][t * (c / 2) + (j % (c / 2))];
  });
}

/** (N, C) over C. */
function layerNorm(x: Numbers, c: number, epsilon: number, gamma: Numbers, beta: Numbers): Float64Array {
  const rows = normalise(Float64Array.from(x), 1, { groups: x.length / c, epsilon, gamma: null, beta: null });
  return rows.map((v, i) => v * gamma[i % c] + beta[i % c]);
}

function compute(op: EngineOp, x: Numbers, residual: Numbers | null): Float64Array {
  if (op.kind === 'epa') return attend(x, op.tokens, op.channels, op.epa);
  if (op.kind === 'epa-block') {
    const { tokens: n, channels: c, layerNorm: ln } = op;
    const t = transpose(x, c, n).map((v, i) => v + op.posEmbed[i]);
    const y = attend(layerNorm(t, c, ln.epsilon, ln.gamma, ln.beta), n, c, op.epa);
    return transpose(
      t.map((v, i) => v + op.gamma[i % c] * y[i]),
      n,
      c,
    );
  }
  if (op.kind === 'norm') return activate(normalise(Float64Array.from(x), op.channels, op.norm), op.act);
  const one: Triple = [1, 1, 1];
  const sizes = [op.cout, op.cin];
  const add = (y: Float64Array) => (residual ? y.map((v, i) => v + residual[i]) : y);
  if (op.kind === 'upsample') return add(upsample(x, op.weight, op.bias, op.cin, op.cout, op.inDhw, op.kernel));
  const linear =
    op.kind === 'conv3d'
      ? convolve(x, op.weight, op.bias, sizes, op.dhw, [3, 3, 3], one, 1)
      : op.kind === 'pointwise'
        ? convolve(x, op.weight, op.bias, sizes, op.dhw, one, one, 0)
        : convolve(x, op.weight, op.bias, sizes, op.inDhw, op.kernel, op.kernel, 0);
  const y = activate(add(op.norm ? normalise(linear, op.cout, op.norm) : linear), op.act);
  if (op.kind !== 'pointwise' || !op.softmax) return y;
  return transpose(softmax(transpose(y, op.cout, y.length / op.cout), op.cout), y.length / op.cout, op.cout);
}

/** Runs one op on values in ONNX order, (1, C, D, H, W) or (1, N, C), and stores its result among them. */
export function runReference(op: EngineOp, values: Map<string, Float32Array>): void {
  const read = (name: string) => {
    const value = values.get(name);
    if (!value) throw new Error(`${op.name} reads ${name}, which nothing has made yet.`);
    return value;
  };
  const residual = 'residual' in op && op.residual !== null ? read(op.residual) : null;
  values.set(op.y, Float32Array.from(compute(op, read(op.x), residual)));
}
