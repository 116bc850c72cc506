/** EPA layers with random weights, for tests and benchmarks. */

import type { EpaLayer, TokenProjection, Weights } from '../inference/network/kernels/epa/weights';
import { randomNormal } from './allClose';

export interface EpaShape {
  readonly tokens: number;
  readonly channels: number;
  readonly heads: number;
  readonly projected: number;
  readonly projection: TokenProjection['kind'];
  readonly fusion: 'concat' | 'sum';
}

/** Weights of the size PyTorch initialises, temperatures away from 1 so that both branches' softmax matters. */
export function randomEpa(shape: EpaShape): EpaLayer {
  const { tokens: n, channels: c, heads, projected: p } = shape;
  let seed = 100;
  const random = (length: number, scale: number, mean = 0): Weights =>
    randomNormal(length, seed++).map((v) => mean + scale * v);
  const e = random(n * p, 1 / Math.sqrt(n));
  const eBias = random(p, 0.1);
  const projections: Record<TokenProjection['kind'], TokenProjection> = {
    shared: { kind: 'shared', e, eBias },
    separate: { kind: 'separate', e, eBias, f: random(n * p, 1 / Math.sqrt(n)), fBias: random(p, 0.1) },
    plain: { kind: 'plain', ef: e },
  };
  const half = () => random((c * c) / 2, 1 / Math.sqrt(c));
  return {
    ...{ label: `epa ${n}x${c}`, tokens: n, channels: c, heads, projected: p },
    qkvv: random(c * 4 * c, 1 / Math.sqrt(c)),
    temperature: random(heads, 0.5, 3),
    // Normalised queries are about 1/sqrt(N) small: without this factor every softmax would be nearly uniform.
    temperature2: random(heads, 0.2, 1).map((v) => v * Math.sqrt(n)),
    projection: projections[shape.projection],
    fusion:
      shape.fusion === 'sum'
        ? { kind: 'sum' }
        : {
            kind: 'concat',
            outProj: half(),
            outProjBias: random(c / 2, 0.1),
            outProj2: half(),
            outProj2Bias: random(c / 2, 0.1),
          },
  };
}
