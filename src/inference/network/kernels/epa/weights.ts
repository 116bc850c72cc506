/** What an EPA layer consists of, and its weights as the kernels read them. */
import { invariant } from '../../../../core/invariant';

/** Mixing N tokens into P: one matrix for keys and values, two, or one without bias. */
export type TokenProjection =
  | { readonly kind: 'shared'; readonly e: Weights; readonly eBias: Weights }
  | {
      readonly kind: 'separate';
      readonly e: Weights;
      readonly eBias: Weights;
      readonly f: Weights;
      readonly fBias: Weights;
    }
  | { readonly kind: 'plain'; readonly ef: Weights };

/** 'concat': [spatial @ outProj + bias | channel @ outProj2 + bias2]. 'sum': channel + spatial. */
export type Fusion =
  | {
      readonly kind: 'concat';
      /** (C, C/2), (C/2) each. */
      readonly outProj: Weights;
      readonly outProjBias: Weights;
      readonly outProj2: Weights;
      readonly outProj2Bias: Weights;
    }
  | { readonly kind: 'sum' };

export type Weights = Float32Array<ArrayBuffer>;

/** Efficient paired attention as published: tokens (N, C) -> (N, C). Matrices multiply from the right: y = x @ w. */
export interface EpaLayer {
  readonly label: string;
  /** N */
  readonly tokens: number;
  /** C, a multiple of 8 (of 4 for 'sum'). */
  readonly channels: number;
  /** C / heads is a multiple of 4. */
  readonly heads: number;
  /** P, a multiple of 4. */
  readonly projected: number;
  /** (C, 4C), columns [q | k | channel values | spatial values], channel = head * (C / heads) + i. */
  readonly qkvv: Weights;
  /** (heads) each, of channel and spatial attention. */
  readonly temperature: Weights;
  readonly temperature2: Weights;
  /** Matrices (N, P), biases (P). */
  readonly projection: TokenProjection;
  readonly fusion: Fusion;
}

/** Whether the kernels take these shapes; the caller leaves other layers to another backend. */
export function epaSupports(w: Pick<EpaLayer, 'channels' | 'heads' | 'projected'> & { fusion: { kind: string } }) {
  const { channels, heads, projected } = w;
  return channels % (4 * heads) === 0 && projected % 4 === 0 && (w.fusion.kind === 'sum' || channels % 8 === 0);
}

/** @throws InternalError('kernel-shape') naming the first tensor of a wrong size */
export function checkEpaLayer(w: EpaLayer): void {
  const { tokens: n, channels: c, heads, projected: p, label } = w;
  invariant(epaSupports(w), label, () => `C ${c}, heads ${heads}, P ${p} are not multiples as EpaLayer asks.`);
  const sizes: [string, Weights, number][] = [
    ['qkvv', w.qkvv, 4 * c * c],
    ['temperature', w.temperature, heads],
    ['temperature2', w.temperature2, heads],
  ];
  const { projection, fusion } = w;
  if (projection.kind === 'plain') sizes.push(['ef', projection.ef, n * p]);
  else sizes.push(['e', projection.e, n * p], ['eBias', projection.eBias, p]);
  if (projection.kind === 'separate') sizes.push(['f', projection.f, n * p], ['fBias', projection.fBias, p]);
  if (fusion.kind === 'concat') {
    sizes.push(['outProj', fusion.outProj, (c * c) / 2], ['outProjBias', fusion.outProjBias, c / 2]);
    sizes.push(['outProj2', fusion.outProj2, (c * c) / 2], ['outProj2Bias', fusion.outProj2Bias, c / 2]);
  }
  for (const [name, values, size] of sizes) {
    invariant(values.length === size, label, () => `${name} has ${values.length} numbers instead of ${size}.`);
  }
}

/**
 * Folds what precedes and follows the attention into its weights, in float64.
 * @param scale (C) multiplies the kernels' tokens: the layer norm's weight
 * @param shift (C) is added after that: the layer norm's bias, or the centre that was subtracted
 * @param gamma (C) multiplies the output
 */
export function packEpaWeights(w: EpaLayer, scale: Weights, shift: Weights, gamma: Weights) {
  const { channels: c, heads } = w;
  const d = c / heads;
  const qkv = new Float32Array(c * 3 * c); // (C, 3C) = [q | k | spatial values]
  const wq = new Float32Array(c * c); // mat4x4 per (head, input group, output group)
  const valueWeights = new Float32Array(c * (c + 1)); // channel values, (outputs, inputs and the bias)
  const bias = new Float32Array(3 * c + 2 * heads); // q, k, spatial values, temperatures
  const slot = [0, 1, 3, 2]; // of qkvv's four quarters within `bias` and `qkv`
  for (let o = 0; o < 4 * c; o++) {
    const part = slot[Math.floor(o / c)];
    const channel = o % c;
    let shifted = 0;
    for (let i = 0; i < c; i++) {
      const weight = w.qkvv[i * 4 * c + o];
      const scaled = weight * scale[i];
      shifted += weight * shift[i];
      if (part < 3) qkv[i * 3 * c + part * c + channel] = scaled;
      else valueWeights[channel * (c + 1) + i] = scaled;
      if (part === 0) {
        const [head, k] = [Math.floor(channel / d), channel % d];
        const matrix = ((head * c) / 4 + Math.floor(i / 4)) * (d / 4) + Math.floor(k / 4);
        wq[matrix * 16 + (i % 4) * 4 + (k % 4)] = scaled;
      }
    }
    if (part < 3) bias[part * c + channel] = shifted;
    else valueWeights[channel * (c + 1) + c] = shifted;
  }
  bias.set(w.temperature, 3 * c);
  bias.set(w.temperature2, 3 * c + heads);
  return { qkv, wq, bq: bias.slice(0, c), valueWeights, bias, ...packFusion(w.fusion, gamma) };
}

/** Output projections times gamma: `base` (C/4 groups, C + 1) vec4 over 4 outputs, last entry the bias. */
function packFusion(fusion: Fusion, gamma: Weights): { base: Weights; outProj2: Weights } {
  const c = gamma.length;
  if (fusion.kind === 'sum') return { base: new Float32Array(4), outProj2: new Float32Array(4) };
  const half = c / 2;
  const base = new Float32Array(c * (c + 1));
  for (let o = 0; o < c; o++) {
    const at = (i: number) => (Math.floor(o / 4) * (c + 1) + i) * 4 + (o % 4);
    if (o < half) for (let i = 0; i < c; i++) base[at(i)] = fusion.outProj[i * half + o] * gamma[o];
    base[at(c)] = (o < half ? fusion.outProjBias[o] : fusion.outProj2Bias[o - half]) * gamma[o];
  }
  const outProj2 = fusion.outProj2.map((v, i) => v * gamma[half + (i % half)]);
  return { base, outProj2 };
}

/**
 * Token projections side by side, (N, P) or (N, 2P), and per 4 columns (sum over tokens, bias): the sum restores what
 * subtracting the shift from the tokens took away.
 */
export function packTokenProjection(w: EpaLayer): { e: Weights; constants: Weights; columns: number } {
  const { tokens, projected: p, projection } = w;
  const matrices = projection.kind === 'plain' ? [projection.ef] : [projection.e];
  const biases = projection.kind === 'plain' ? [new Float32Array(p)] : [projection.eBias];
  if (projection.kind === 'separate') {
    matrices.push(projection.f);
    biases.push(projection.fBias);
  }
  const columns = p * matrices.length;
  let [e] = matrices;
  if (matrices.length > 1) {
    e = new Float32Array(tokens * columns);
    for (let n = 0; n < tokens; n++) {
      matrices.forEach((m, j) => {
        e.set(m.subarray(n * p, (n + 1) * p), n * columns + j * p);
      });
    }
  }
  const totals = new Float64Array(columns);
  for (let i = 0; i < e.length; i++) totals[i % columns] += e[i];
  const constants = new Float32Array(2 * columns);
  for (let column = 0; column < columns; column++) {
    const at = Math.floor(column / 4) * 8 + (column % 4);
    constants[at] = totals[column];
    constants[at + 4] = biases[Math.floor(column / p)][column % p];
  }
  return { e, constants, columns };
}
