/** What can follow a convolution: norms in their exported forms, residual sums, activations. */
import type { Node } from './decode';
import type { LeakyRelu, Norm } from './ops';
import type { GraphView } from './view';

type Next = (value: string) => Node | null;

const EPSILON = 1e-5;
const epsilonOf = (node: Node) => node.attributes.get('epsilon')?.f ?? EPSILON;

/**
 * Weight and bias of a convolution followed by BatchNormalization in evaluation mode, computed in float64.
 * @param taps weights in a row that belong to one output channel; element i is of channel floor(i / taps) % cout
 */
export function foldBatchNorm(
  view: GraphView,
  node: Node | null,
  weight: Float32Array,
  bias: Float32Array | null,
  cout: number,
  taps: number,
): { node: Node; weight: Float32Array; bias: Float32Array } | null {
  if (node?.opType !== 'BatchNormalization' || node.attributes.get('training_mode')?.i) return null;
  const [gamma, beta, mean, variance] = node.inputs.slice(1).map((name) => view.floats(name, cout));
  if (!gamma || !beta || !mean || !variance) return null;
  const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt(variance[c] + epsilonOf(node)));
  return {
    node,
    weight: weight.map((w, i) => w * scale[Math.floor(i / taps) % cout]),
    bias: Float32Array.from(scale, (s, c) => ((bias?.[c] ?? 0) - mean[c]) * s + beta[c]),
  };
}

/** A constant that broadcasts over (1, channels, D, H, W) along channels only, one number per channel. */
function perChannel(view: GraphView, value: string, channels: number): Float32Array | null {
  const tensor = view.constant(value);
  if (!(tensor?.data instanceof Float32Array) || tensor.dims.length > 5) return null;
  const dims = [...Array<number>(5 - tensor.dims.length).fill(1), ...tensor.dims];
  if (dims.some((d, axis) => d !== 1 && (axis !== 1 || d !== channels))) return null;
  const { data } = tensor;
  return data.length === channels ? data : new Float32Array(channels).fill(data[0]);
}

/** The constant operand of a Mul or Add as one number per channel. */
function affine(view: GraphView, node: Node | null, opType: string, y: string, channels: number) {
  if (node?.opType !== opType) return null;
  const other = node.inputs.find((name) => name !== y);
  return other === undefined ? null : perChannel(view, other, channels);
}

const repeat = (values: Float32Array, channels: number) =>
  Float32Array.from({ length: channels }, (_, c) => values[Math.floor(c / (channels / values.length))]);

/** The normalisation itself: instance norm, or group norm as opset 18 has it or as Reshape, InstanceNorm, Reshape. */
function findNormCore(view: GraphView, next: Next, first: Node, y: string, channels: number) {
  if (first.opType === 'InstanceNormalization' || first.opType === 'GroupNormalization') {
    const single = first.opType === 'InstanceNormalization';
    const groups = single ? channels : (first.attributes.get('num_groups')?.i ?? 0);
    // Scale and bias are per group in opset 18 and per channel since 21.
    const [gamma, beta] = [1, 2].map((i) => view.constant(first.inputs[i])?.data);
    const fits = (v: unknown): v is Float32Array =>
      v instanceof Float32Array && (v.length === channels || v.length === groups);
    if (!fits(gamma) || !fits(beta) || channels % groups) return null;
    return { nodes: [first], y: first.outputs[0], groups, epsilon: epsilonOf(first), gamma, beta };
  }
  const normalise = first.opType === 'Reshape' ? next(first.outputs[0]) : null;
  const ungroup = normalise?.opType === 'InstanceNormalization' ? next(normalise.outputs[0]) : null;
  const grouped = view.dims(first.outputs[0]);
  if (!normalise || ungroup?.opType !== 'Reshape' || !grouped || grouped[0] !== 1) return null;
  if (view.dims(ungroup.outputs[0])?.join() !== view.dims(y)?.join()) return null;
  const groups = grouped[1];
  const [gamma, beta] = [view.floats(normalise.inputs[1], groups), view.floats(normalise.inputs[2], groups)];
  if (channels % groups || !gamma || !beta) return null;
  const nodes = [first, normalise, ungroup];
  return { nodes, y: ungroup.outputs[0], groups, epsilon: epsilonOf(normalise), gamma, beta };
}

/**
 * A norm of the value `y` (1, C, D, H, W), with a scale and shift per channel that may follow it.
 * @param first its first node; the only one that reads `y` unless given
 */
export function findNorm(
  view: GraphView,
  next: Next,
  y: string,
  first = next(y),
): { nodes: readonly Node[]; y: string; norm: Norm } | null {
  const channels = view.dims(y)?.[1];
  const core = channels && first ? findNormCore(view, next, first, y, channels) : null;
  if (!core || !channels) return null;
  const nodes = [...core.nodes];
  let [gamma, beta] = [repeat(core.gamma, channels), repeat(core.beta, channels)];
  let last = core.y;
  const mul = next(last);
  const scale = affine(view, mul, 'Mul', last, channels);
  if (mul && scale) {
    gamma = gamma.map((g, c) => g * scale[c]);
    beta = beta.map((b, c) => b * scale[c]);
    nodes.push(mul);
    last = mul.outputs[0];
  }
  const add = next(last);
  const shift = affine(view, add, 'Add', last, channels);
  if (add && shift) {
    beta = beta.map((b, c) => b + shift[c]);
    nodes.push(add);
    last = add.outputs[0];
  }
  const norm = {
    groups: core.groups,
    epsilon: core.epsilon,
    gamma: gamma.every((g) => g === 1) ? null : gamma,
    beta: beta.every((b) => b === 0) ? null : beta,
  };
  return { nodes, y: last, norm };
}

/** An Add of `y` and another computed value of the same shape. */
export function findResidual(view: GraphView, next: Next, y: string): { node: Node; value: string } | null {
  const node = next(y);
  const value = node?.inputs.find((name) => name !== y);
  if (node?.opType !== 'Add' || value === undefined || view.constant(value)) return null;
  return view.dims(value)?.join() === view.dims(y)?.join() ? { node, value } : null;
}

/** ReLU, leaky ReLU, or PReLU with one slope for all channels. */
export function findActivation(view: GraphView, node: Node | null): { node: Node; act: LeakyRelu } | null {
  if (node?.opType === 'Relu') return { node, act: { slope: 0 } };
  if (node?.opType === 'LeakyRelu') return { node, act: { slope: node.attributes.get('alpha')?.f ?? 0.01 } };
  const slope = node?.opType === 'PRelu' ? view.floats(node.inputs[1], 1) : null;
  return node && slope ? { node, act: { slope: slope[0] } } : null;
}
