/** Convolutions and what follows them: y = act(norm(conv(x) + bias) + residual), and upsampling in both its forms. */
import type { Triple } from '../../../volume/grid';
import type { Node } from './decode';
import { findActivation, findNorm, findResidual, foldBatchNorm } from './matchTail';
import type { EngineOp, LeakyRelu, Norm, PatchConvOp, PointwiseOp, UpsampleOp } from './ops';
import type { Dims } from './shapes';
import type { GraphView } from './view';

/** An op and the nodes it replaces. */
export interface Candidate {
  readonly op: EngineOp;
  readonly nodes: readonly Node[];
}

/** What a matcher says of a node: candidates, the most fused first, or why there are none. */
export type Found = readonly Candidate[] | string;

/** The one free node reading a value, or null; nodes other ops have taken are not free. */
export type Next = (value: string) => Node | null;

const triple = (dims: Dims): Triple => [dims[0], dims[1], dims[2]];
const equal = (a: Dims, b: Dims) => a.length === b.length && a.every((n, i) => n === b[i]);
const times = (dims: Dims) => dims.join('x');
const product = (dims: Dims) => dims.reduce((a, b) => a * b, 1);

/** 'decoder2.conv1.conv.weight' -> 'decoder2.conv1': where in the network, from the weight's name or else the node's. */
function placeName(node: Node, weight: string): string {
  const named = /^[\w.]+\.weight$/.test(weight);
  const name = named ? weight.slice(0, -'.weight'.length) : node.name.replace(/^\//, '').replaceAll('/', '.');
  return name.replace(/(\.(conv|Conv|ConvTranspose|MatMul|matmul))+$/, '');
}

/** Kernel, strides and zero padding of a Conv or ConvTranspose over 3-D volumes of batch 1, or why not ours. */
function geometry(view: GraphView, node: Node) {
  const [x, y] = [view.dims(node.inputs[0]), view.dims(node.outputs[0])];
  const weight = view.constant(node.inputs[1]);
  if (!x || !y) return 'its shapes are not known in advance';
  if (x.length !== 5) return `its input has ${x.length} axes, not 5`;
  if (x[0] !== 1) return `its batch is ${x[0]}, not 1`;
  if (!(weight?.data instanceof Float32Array)) return 'its weights are not constant float32';
  const ints = (name: string, absent: number) => node.attributes.get(name)?.ints ?? [absent, absent, absent];
  if ((node.attributes.get('group')?.i ?? 1) !== 1) return 'it is grouped';
  if (ints('dilations', 1).some((d) => d !== 1)) return 'it is dilated';
  const [kernel, strides] = [triple(weight.dims.slice(2)), triple(ints('strides', 1))];
  const automatic = node.attributes.get('auto_pad')?.s ?? 'NOTSET';
  let pads = node.attributes.get('pads')?.ints ?? [0, 0, 0, 0, 0, 0];
  if (automatic.startsWith('SAME') && strides.every((s) => s === 1) && kernel.every((k) => k % 2)) {
    pads = [...kernel, ...kernel].map((k) => (k - 1) / 2);
  } else if (automatic !== 'NOTSET' && automatic !== 'VALID') {
    return `its padding is ${automatic} at stride ${times(strides)}`;
  }
  const biased = Boolean(node.inputs[2]);
  return { x, y, weight: weight.data, weightDims: weight.dims, kernel, strides, pads, biased };
}

/** Everything that varies while more and more is fused onto a convolution. */
interface Fused {
  nodes: readonly Node[];
  y: string;
  weight: Float32Array;
  bias: Float32Array | null;
  norm: Norm | null;
  residual: string | null;
  act: LeakyRelu | null;
  softmax: boolean;
}

interface Allowed {
  readonly norm?: boolean;
  readonly residual?: boolean;
  readonly act?: boolean;
  readonly softmax?: boolean;
}

/** Follows the nodes after a convolution as far as they fuse. Returns every stage on the way, the longest first. */
function fuse(view: GraphView, next: Next, start: Fused, cout: number, taps: number, allowed: Allowed): Fused[] {
  const stages = [start];
  const extend = (nodes: readonly Node[], y: string, change: Partial<Fused>) => {
    const last = stages[0];
    stages.unshift({ ...last, ...change, nodes: [...last.nodes, ...nodes], y });
  };
  const skipNoOps = () => {
    for (let node = next(stages[0].y); node && ['Identity', 'Dropout'].includes(node.opType); ) {
      if (node.opType === 'Dropout' && (node.inputs.length > 2 || view.uses(node.outputs[1] ?? '').length)) return;
      extend([node], node.outputs[0], {});
      node = next(stages[0].y);
    }
  };
  skipNoOps();
  const { weight, bias } = stages[0];
  const folded = foldBatchNorm(view, next(stages[0].y), weight, bias, cout, taps);
  if (folded) extend([folded.node], folded.node.outputs[0], { weight: folded.weight, bias: folded.bias });
  skipNoOps();
  const norm = allowed.norm && !folded ? findNorm(view, next, stages[0].y) : null;
  if (norm) extend(norm.nodes, norm.y, { norm: norm.norm });
  skipNoOps();
  const residual = allowed.residual ? findResidual(view, next, stages[0].y) : null;
  if (residual) extend([residual.node], residual.node.outputs[0], { residual: residual.value });
  const act = allowed.act ? findActivation(view, next(stages[0].y)) : null;
  if (act) extend([act.node], act.node.outputs[0], { act: act.act });
  // Before opset 13 axis 1 meant all axes from 1 on.
  const perAxis = (view.model.opsets.get('') ?? 0) >= 13;
  const last = allowed.softmax && perAxis ? next(stages[0].y) : null;
  if (last?.opType === 'Softmax' && [1, -4].includes(last.attributes.get('axis')?.i ?? -1)) {
    extend([last], last.outputs[0], { softmax: true });
  }
  return stages;
}

const begin = (node: Node, weight: Float32Array, bias: Float32Array | null): Fused => ({
  nodes: [node],
  y: node.outputs[0],
  weight,
  bias,
  norm: null,
  residual: null,
  act: null,
  softmax: false,
});

function common(node: Node, x: string, { nodes, y }: Fused) {
  return { name: placeName(node, node.inputs[1]), x, y, nodes: nodes.map((n) => n.name) };
}

/** A Conv with what fuses onto it. */
export function matchConv(view: GraphView, next: Next, node: Node, softmax: boolean): Found {
  const found = geometry(view, node);
  if (typeof found === 'string') return found;
  const { x, y, weight, weightDims, kernel, strides, pads } = found;
  const [cout, cin] = weightDims;
  const taps = weight.length / cout;
  const bias = found.biased ? view.floats(node.inputs[2], cout) : null;
  if (found.biased && !bias) return 'its bias is not constant float32';
  const [inDhw, outDhw] = [triple(x.slice(2)), triple(y.slice(2))];
  const unitStride = strides.every((s) => s === 1);
  const unpadded = pads.every((p) => p === 0);
  const start = begin(node, weight, bias);
  const input = node.inputs[0];

  if (unitStride && kernel.every((k) => k === 3) && pads.every((p) => p === 1)) {
    return fuse(view, next, start, cout, taps, { norm: true, residual: true, act: true }).map((f) => {
      const { weight, bias, norm, residual, act } = f;
      const parts = { cin, cout, dhw: inDhw, weight, bias, norm, residual, act };
      return { op: { kind: 'conv3d', ...common(node, input, f), ...parts }, nodes: f.nodes };
    });
  }
  if (unitStride && unpadded && kernel.every((k) => k === 1)) {
    return fuse(view, next, start, cout, taps, { norm: true, residual: true, act: true, softmax }).map((f) => {
      const { weight, bias, norm, residual, act, softmax } = f;
      const parts = { cin, cout, dhw: inDhw, weight, bias, norm, residual, act, softmax };
      return { op: { kind: 'pointwise', ...common(node, input, f), ...parts } satisfies PointwiseOp, nodes: f.nodes };
    });
  }
  if (equal(kernel, strides) && unpadded) {
    if (inDhw.some((n, i) => n !== outDhw[i] * kernel[i])) {
      return `its kernel ${times(kernel)} does not divide the grid ${times(inDhw)}`;
    }
    return fuse(view, next, start, cout, taps, { norm: true, act: true }).map((f) => {
      const { weight, bias, norm, act } = f;
      const parts = { cin, cout, kernel, inDhw, outDhw, weight, bias, norm, act };
      return { op: { kind: 'patch-conv', ...common(node, input, f), ...parts } satisfies PatchConvOp, nodes: f.nodes };
    });
  }
  return `no kernel for ${times(kernel)} at stride ${times(strides)} with padding ${times(pads)}`;
}

interface Upsampling {
  readonly x: string;
  readonly weight: Float32Array;
  readonly bias: Float32Array | null;
  readonly nodes: readonly Node[];
  readonly cin: number;
  readonly cout: number;
  readonly kernel: Triple;
  readonly inDhw: Triple;
}

function upsample(view: GraphView, next: Next, anchor: Node, up: Upsampling): Found {
  const y = up.nodes[up.nodes.length - 1].outputs[0];
  const start = { ...begin(anchor, up.weight, up.bias), nodes: up.nodes, y };
  const { cin, cout, kernel, inDhw } = up;
  const outDhw = triple(inDhw.map((n, i) => n * kernel[i]));
  return fuse(view, next, start, cout, product(kernel), { residual: true }).map((f) => {
    const { weight, bias, residual } = f;
    const parts = { cin, cout, kernel, inDhw, outDhw, weight, bias, residual };
    return { op: { kind: 'upsample', ...common(anchor, up.x, f), ...parts } satisfies UpsampleOp, nodes: f.nodes };
  });
}

/** A ConvTranspose with kernel = stride. */
export function matchConvTranspose(view: GraphView, next: Next, node: Node): Found {
  const found = geometry(view, node);
  if (typeof found === 'string') return found;
  const { x, y, weight, weightDims, kernel, strides, pads } = found;
  const [cin, cout] = weightDims;
  const inDhw = triple(x.slice(2));
  const bias = found.biased ? view.floats(node.inputs[2], cout) : null;
  if (found.biased && !bias) return 'its bias is not constant float32';
  const plain = equal(kernel, strides) && pads.every((p) => p === 0);
  if (!plain || y.slice(2).some((n, i) => n !== inDhw[i] * kernel[i])) {
    return `no kernel for transposed ${times(kernel)} at stride ${times(strides)} with padding ${times(pads)}`;
  }
  return upsample(view, next, node, { x: node.inputs[0], weight, bias, nodes: [node], cin, cout, kernel, inDhw });
}

/**
 * A transposed convolution as our exporter writes it: Reshape (1, C, N), Transpose (1, N, C), MatMul with
 * (Cin, Cout * kD * kH * kW), Reshape (D, H, W, Cout, kD, kH, kW), Transpose, Reshape (1, Cout, D * kD, ...).
 */
export function matchMatMulUpsample(view: GraphView, next: Next, node: Node): Found {
  const no = 'not part of an upsampling';
  const tokens = view.producer(node.inputs[0]);
  const flatten = tokens && view.producer(tokens.inputs[0]);
  const blocks = view.next(node.outputs[0]);
  const interleave = blocks && view.next(blocks.outputs[0]);
  const volume = interleave && view.next(interleave.outputs[0]);
  if (!flatten || !volume) return no;
  const nodes = [flatten, tokens, node, blocks, interleave, volume];
  const types = nodes.map((n) => n.opType).join();
  if (types !== 'Reshape,Transpose,MatMul,Reshape,Transpose,Reshape') return no;
  const perms = [tokens, interleave].map((n) => n.attributes.get('perm')?.ints.join());
  const x = view.dims(flatten.inputs[0]);
  const cells = view.dims(blocks.outputs[0]);
  if (perms.join('|') !== '0,2,1|3,0,4,1,5,2,6' || x?.length !== 5 || x[0] !== 1 || cells?.length !== 7) return no;
  const [cin, inDhw, cout, kernel] = [x[1], triple(x.slice(2)), cells[3], triple(cells.slice(4))];
  const shapes = [flatten, blocks, volume].map((n) => times(view.dims(n.outputs[0]) ?? []));
  const expected = [
    [1, cin, product(inDhw)],
    [...inDhw, cout, ...kernel],
    [1, cout, ...inDhw.map((n, i) => n * kernel[i])],
  ].map(times);
  const weight = view.floats(node.inputs[1], cin * cout * product(kernel));
  if (!equalText(shapes, expected) || view.dims(node.inputs[1])?.[0] !== cin || !weight) return no;
  if (!view.isClosed(nodes, volume.outputs[0])) return no;
  return upsample(view, next, node, { x: flatten.inputs[0], weight, bias: null, nodes, cin, cout, kernel, inDhw });
}

const equalText = (a: readonly string[], b: readonly string[]) => a.join('|') === b.join('|');
