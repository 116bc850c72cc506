/**
 * Efficient paired attention in two sweeps over the tokens and no intermediate larger than the tokens.
 *
 * Queries and keys are never stored: everything that needs all tokens (their L2 norms, the channel Gram matrix, keys and
 * values projected over tokens) is a small product of weights with S = sum of u u^T and Z = sum of u e^T. The channel
 * branch with its output projection becomes one matrix. Six dispatches: tokenStats, combine, channelAttention,
 * foldOutput, spatialAttention, project; a whole block starts with tokens. Each .wgsl opens with its formula.
 */

import { invariant } from '../../../../core/invariant';
import type { Recorder, TensorId } from '../../../gpu/recorder';
import { Bindings } from '../../../gpu/wgsl';
import { declareOperand, type Operand } from '../norm/normalized';
import productSource from '../product.wgsl?raw';
import channelSource from './channelAttention.wgsl?raw';
import combineSource from './combine.wgsl?raw';
import foldSource from './foldOutput.wgsl?raw';
import normalisedSource from './normalised.wgsl?raw';
import { columnGroups, type EpaPlan, planEpa, UNIFORM_BYTES } from './plan';
import projectSource from './project.wgsl?raw';
import spatialSource from './spatialAttention.wgsl?raw';
import statsSource from './tokenStats.wgsl?raw';
import tokensSource from './tokens.wgsl?raw';
import { checkEpaLayer, type EpaLayer, packEpaWeights, packTokenProjection, type Weights } from './weights';

export interface EpaDispatch extends EpaLayer {
  /** (N, C) tokens = (D, H, W, C) grid. */
  readonly x: TensorId;
  /**
   * (C) roughly the tokens' common mean, e.g. the bias of the layer norm that made them: subtracted while summing and
   * restored exactly, so that a large common part costs no digits. Absent: zero.
   */
  readonly centre?: Weights;
  /** (N, C), written instead of a new temporary. */
  readonly out?: TensorId;
  readonly plan?: Partial<EpaPlan>;
}

export interface EpaBlockDispatch extends EpaLayer {
  /** (N, C) tokens = (D, H, W, C) grid, finished or to be normalised while read. */
  readonly x: Operand;
  /** (N, C) */
  readonly positionEmbedding: Weights;
  /** Layer norm, (C) each. */
  readonly normWeight: Weights;
  readonly normBias: Weights;
  readonly epsilon: number;
  /** (C) scale of the attention before it is added. */
  readonly gamma: Weights;
  readonly out?: TensorId;
  readonly plan?: Partial<EpaPlan>;
}

/** EPA(x), (N, C) -> (N, C). @throws InternalError('kernel-shape') */
export function recordEpa(r: Recorder, op: EpaDispatch): TensorId {
  const { channels, label, centre } = op;
  invariant(!centre || centre.length === channels, label, () => `centre has ${centre?.length} numbers.`);
  const ones = new Float32Array(channels).fill(1);
  const shift = centre ?? new Float32Array(channels);
  const declareNormalisation = (b: Bindings) => {
    if (centre) b.add('centre', 'uniform', `array<vec4f, ${channels / 4}>`, constants.centre);
  };
  const constants = { centre: r.constant(`${label} centre`, shift, true) };
  return record(r, op, {
    ...{ scale: ones, shift, gamma: ones, t: op.x, declareNormalisation },
    flags: { BLOCK: false, CENTRE: centre !== undefined },
  });
}

/** t + gamma * EPA(layerNorm(t)) with t = x + positionEmbedding, (N, C) -> (N, C). @throws InternalError('kernel-shape') */
export function recordEpaBlock(r: Recorder, op: EpaBlockDispatch): TensorId {
  const { tokens, channels, label, epsilon, gamma } = op;
  for (const [name, size] of [
    ['positionEmbedding', tokens * channels],
    ['normWeight', channels],
    ['normBias', channels],
    ['gamma', channels],
  ] as const) {
    invariant(op[name].length === size, label, () => `${name} has ${op[name].length} numbers instead of ${size}.`);
  }
  const t = r.activation(`${label} tokens`, (tokens * channels) / 4);
  const norms = r.temporary(`${label} norms`, tokens * 8);
  const bindings = new Bindings(r);
  const x = declareOperand(bindings, 'x', op.x, channels / 4, tokens);
  bindings.vec4s('position', 'read', r.table(`${label} position`, op.positionEmbedding));
  bindings.vec4s('t', 'write', t);
  bindings.add('norms', 'write', 'array<vec2f>', norms);
  const sizes = { N: tokens, C: channels, CG: channels / 4, EPSILON: epsilon };
  r.dispatch(
    {
      label: `${label} tokens`,
      code: bindings.shader(x + tokensSource, sizes, ['EPSILON']),
      access: bindings.access,
      workgroups: [Math.ceil(tokens / 64), 1, 1],
      flops: 7 * tokens * channels,
      bytes: bindings.bytes,
    },
    bindings.tensors,
  );
  return record(r, op, {
    ...{ scale: op.normWeight, shift: op.normBias, gamma, t },
    flags: { BLOCK: true, CENTRE: false },
    declareNormalisation: (b) => b.add('norms', 'read', 'array<vec2f>', norms),
  });
}

/** How the normalised tokens come about: what differs between a whole block and EPA alone. */
interface Frame {
  /** u * scale + shift is what EPA sees; see packEpaWeights. */
  readonly scale: Weights;
  readonly shift: Weights;
  readonly gamma: Weights;
  readonly t: TensorId;
  readonly flags: { readonly BLOCK: boolean; readonly CENTRE: boolean };
  /** Binds what makes u of t. */
  readonly declareNormalisation: (b: Bindings) => void;
}

function record(r: Recorder, op: EpaDispatch | EpaBlockDispatch, frame: Frame): TensorId {
  checkEpaLayer(op);
  const { label, tokens: n, channels: c, heads, projected, fusion } = op;
  const token = packTokenProjection(op);
  const plan = { ...planEpa({ ...op, columns: token.columns }, r.options.shareLoads), ...op.plan };
  const weights = packEpaWeights(op, frame.scale, frame.shift, frame.gamma);
  const groups = c / 4;
  const depth = c / heads / 4;
  const allGroups = columnGroups(c, token.columns);
  const chunks = Math.ceil(n / plan.CHUNK);
  const sizes = {
    ...{ N: n, C: c, CG: groups, ZG: token.columns / 4, PG: projected / 4, DG: depth, HEADS: heads, CHUNKS: chunks },
    ...{ SUM: fusion.kind === 'sum', SEPARATE: op.projection.kind === 'separate', ...frame.flags },
  };

  const temporary = (name: string, floats: number) =>
    r.temporary(`${label} ${name}`, floats * 4, floats * 4 <= UNIFORM_BYTES);
  const constant = (name: string, data: Weights) =>
    r.constant(`${label} ${name}`, data, data.byteLength <= UNIFORM_BYTES);
  const sums = temporary('sums', chunks * allGroups * c * 4);
  const products = temporary('products', (c + 4) * 2 * c);
  const keysValues = temporary('keys, values', 2 * c * projected);
  const mixed = temporary('mixed', c * (c + 1));
  const qScale = temporary('q scale', c);
  const matrix = temporary('matrix', c * c);
  const matrixBias = temporary('matrix bias', c);
  // Written number by number, which halves cannot be.
  const spatial = temporary('spatial', n * c);
  const y = op.out ?? r.activation(label, (n * c) / 4);
  const bias = constant('bias', weights.bias);
  const qkv = constant('qkv', weights.qkv);
  const gain = constant('gamma', Float32Array.from(frame.gamma));

  /** Binds the tokens. @returns normalised() */
  const declareTokens = (b: Bindings) => {
    b.vec4s('t', 'read', frame.t);
    frame.declareNormalisation(b);
    return normalisedSource;
  };

  /** Specialises a shader for these sizes, declares its bindings and dispatches it. */
  const dispatch = (
    name: string,
    source: string,
    constants: Readonly<Record<string, number | boolean>>,
    declare: (b: Bindings) => string | undefined,
    workgroups: [number, number, number],
    macs: number,
  ) => {
    const all = { ...sizes, ...constants };
    const bindings = new Bindings(r);
    const outside = declare(bindings) ?? '';
    r.dispatch(
      {
        label: `${label} ${name}`,
        code: bindings.shader(outside + source, all),
        access: bindings.access,
        workgroups,
        flops: 2 * macs,
        bytes: bindings.bytes,
      },
      bindings.tensors,
    );
  };

  const steps = { CHUNK: plan.CHUNK, STEP: plan.STEP, ROWS: plan.ROWS, COLS: plan.COLS };
  dispatch(
    'token stats',
    statsSource,
    steps,
    (b) => {
      b.vec4s('e', 'read', r.table(`${label} token projection`, token.e));
      b.add('sums', 'write', 'array<vec4f>', sums);
      b.share();
      return declareTokens(b);
    },
    [chunks, Math.ceil(groups / plan.ROWS), Math.ceil(allGroups / plan.COLS)],
    n * c * (c + token.columns),
  );
  dispatch(
    'combine',
    combineSource,
    { SLICES: plan.SUM_SLICES },
    (b) => {
      b.add('sums', 'read', 'array<vec4f>', sums);
      b.add('weights', 'read', 'array<vec4f>', qkv);
      b.add('bias', 'read', 'array<f32>', bias);
      b.add('eConstants', 'read', 'array<vec4f>', constant('token constants', token.constants));
      b.add('products', 'write', 'array<vec4f>', products);
      b.add('keysValues', 'write', 'array<vec4f>', keysValues);
      b.share();
      return undefined;
    },
    [allGroups, 1, 1],
    2 * c * c * (c + projected),
  );
  dispatch(
    'channel attention',
    channelSource,
    {},
    (b) => {
      b.add('products', 'read', 'array<vec4f>', products);
      b.add('weights', 'read', 'array<vec4f>', qkv);
      b.add('valueWeights', 'read', 'array<f32>', constant('value weights', weights.valueWeights));
      b.add('bias', 'read', 'array<f32>', bias);
      b.add('mixed', 'write', 'array<f32>', mixed);
      b.add('qScale', 'write', 'array<f32>', qScale);
      b.share();
      return undefined;
    },
    [groups, 1, 1],
    (3 * c * c * c) / heads,
  );
  dispatch(
    'fold output',
    foldSource,
    {},
    (b) => {
      b.add('mixed', 'read', 'array<f32>', mixed);
      b.add('matrix', 'write', 'array<vec4f>', matrix);
      b.add('matrixBias', 'write', 'array<vec4f>', matrixBias);
      if (fusion.kind === 'sum') b.add('gain', 'read', 'array<vec4f>', gain);
      else {
        b.add('base', 'read', 'array<vec4f>', constant('output base', weights.base));
        b.add('outProj2', 'read', 'array<vec4f>', constant('out_proj2', weights.outProj2));
      }
      return undefined;
    },
    [Math.ceil((c + 1) / 64), groups, 1],
    (c * c * c) / 2,
  );

  /** Matrices that threads read alike, in a uniform binding while they fit. */
  const addMatrices = (b: Bindings, name: string, tensor: TensorId, floats: number, alike = true) =>
    b.matrices(name, floats * 4 <= UNIFORM_BYTES ? 'uniform' : 'read', tensor, alike);
  dispatch(
    'spatial attention',
    spatialSource,
    {
      ...{ LANES: plan.LANES, EACH: plan.EACH, SLICES: plan.SLICES, BLOCKS: plan.BLOCKS, AHEAD: plan.AHEAD },
      ...{ OWN: depth / plan.SLICES, SLICED: plan.SLICES > 1 },
    },
    (b) => {
      addMatrices(b, 'wq', constant('wq', weights.wq), c * c, plan.SLICES === 1);
      b.add('bq', 'uniform', `array<vec4f, ${groups}>`, constant('q bias', weights.bq));
      b.add('qScale', 'uniform', `array<vec4f, ${groups}>`, qScale);
      addMatrices(b, 'keysValues', keysValues, 2 * c * projected, plan.SLICES === 1);
      b.add('spatial', 'write', 'array<f32>', spatial);
      return declareTokens(b) + productSource;
    },
    [Math.ceil(n / (plan.LANES * plan.EACH)), heads, 1],
    n * c * (c + 2 * projected),
  );
  dispatch(
    'project',
    projectSource,
    { OUTPUTS: plan.OUTPUTS, ROWS: plan.ROWS_EACH, AHEAD: plan.AHEAD },
    (b) => {
      b.vec4s('spatial', 'read', spatial);
      addMatrices(b, 'matrix', matrix, c * c);
      b.add('matrixBias', 'uniform', `array<vec4f, ${groups}>`, matrixBias);
      b.vec4s('y', 'write', y);
      if (fusion.kind === 'sum') b.add('gain', 'uniform', `array<vec4f, ${groups}>`, gain);
      return declareTokens(b) + productSource;
    },
    [Math.ceil(n / (64 * plan.ROWS_EACH)), groups / plan.OUTPUTS, 1],
    n * c * c,
  );
  return y;
}
