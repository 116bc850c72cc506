/**
 * Static shapes, and the few values (shape vectors above all) that are known before anything runs. What stays unknown
 * is not an error: such a node is left to ONNX Runtime.
 */
import { foldConstant } from './constants';
import { type Graph, INT64, type Model, type Node, type Tensor } from './decode';

export type Dims = readonly number[];

/** What is known about the values of a graph, by value name. */
export interface Facts {
  readonly dims: ReadonlyMap<string, Dims>;
  /** Element types (TensorProto.DataType); a value missing here is of unknown type. */
  readonly types: ReadonlyMap<string, number>;
  /** Initializers, and what nodes make of constants alone. */
  readonly constants: ReadonlyMap<string, Tensor>;
}

/** One node as a shape rule sees it. Absent inputs and unknown shapes are null. */
class Call {
  constructor(
    readonly node: Node,
    readonly dims: readonly (Dims | null)[],
    private readonly constants: readonly (Tensor | null)[],
  ) {}

  int(name: string, absent: number): number {
    return this.node.attributes.get(name)?.i ?? absent;
  }

  ints(name: string): Dims | null {
    return this.node.attributes.get(name)?.ints ?? null;
  }

  /** Input `index` as numbers, when constant. */
  numbers(index: number): Dims | null {
    const data = this.constants[index]?.data;
    return data ? Array.from(data, Number) : null;
  }

  /** Axes given as an attribute (old operator sets) or as input `index`, made non-negative. */
  axes(index: number, rank: number): Dims | null {
    const axes = this.ints('axes') ?? this.numbers(index);
    return axes?.map((a) => (a < 0 ? a + rank : a)) ?? null;
  }
}

/** Shapes of the outputs from the call, or null when unknown; a single shape stands for the first output. */
type Rule = (call: Call) => Dims | null | readonly (Dims | null)[];

const same: Rule = ({ dims }) => dims[0];

/** NumPy broadcasting of all inputs. */
const broadcast: Rule = ({ dims }) => {
  const known = dims.filter((d) => d !== null);
  if (known.length !== dims.length) return null;
  return known.reduce((a, b) => {
    const rank = Math.max(a.length, b.length);
    return Array.from({ length: rank }, (_, i) => {
      const [p, q] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
      return p === 1 ? q : p;
    });
  });
};

/** Sizes after sliding a window: convolutions and pools. */
function windowed(call: Call, kernel: Dims, sizes: Dims): Dims {
  const [strides, dilations, pads] = [call.ints('strides'), call.ints('dilations'), call.ints('pads')];
  const automatic = call.node.attributes.get('auto_pad')?.s ?? '';
  const round = call.int('ceil_mode', 0) ? Math.ceil : Math.floor;
  return sizes.map((size, i) => {
    const stride = strides?.[i] ?? 1;
    if (automatic.startsWith('SAME')) return Math.ceil(size / stride);
    const padding = automatic === 'VALID' ? 0 : (pads?.[i] ?? 0) + (pads?.[i + sizes.length] ?? 0);
    return round((size + padding - (dilations?.[i] ?? 1) * (kernel[i] - 1) - 1) / stride) + 1;
  });
}

const conv: Rule = (call) => {
  const [x, w] = call.dims;
  return x && w && [x[0], w[0], ...windowed(call, w.slice(2), x.slice(2))];
};

const pool: Rule = (call) => {
  const [x, kernel] = [call.dims[0], call.ints('kernel_shape')];
  return x && kernel && [x[0], x[1], ...windowed(call, kernel, x.slice(2))];
};

const convTranspose: Rule = (call) => {
  const [x, w] = call.dims;
  if (!x || !w || (call.node.attributes.get('auto_pad')?.s ?? 'NOTSET') !== 'NOTSET') return null;
  const [strides, dilations, pads] = [call.ints('strides'), call.ints('dilations'), call.ints('pads')];
  const [extra, fixed, rank] = [call.ints('output_padding'), call.ints('output_shape'), x.length - 2];
  const sizes = x.slice(2).map((size, i) => {
    const padding = (pads?.[i] ?? 0) + (pads?.[i + rank] ?? 0);
    const reach = (dilations?.[i] ?? 1) * (w[i + 2] - 1) + 1;
    return (size - 1) * (strides?.[i] ?? 1) + reach + (extra?.[i] ?? 0) - padding;
  });
  return [x[0], w[1] * call.int('group', 1), ...(fixed ?? sizes)];
};

const product = (dims: Dims) => dims.reduce((a, b) => a * b, 1);

const reshape: Rule = (call) => {
  const [x, wanted] = [call.dims[0], call.numbers(1)];
  if (!x || !wanted) return null;
  const dims = wanted.map((n, i) => (n === 0 && !call.int('allowzero', 0) ? x[i] : n));
  const rest = product(x) / product(dims.filter((n) => n !== -1));
  return dims.map((n) => (n === -1 ? rest : n));
};

const matMul: Rule = (call) => {
  const [a, b] = call.dims;
  if (!a || !b || a.length < 2 || b.length < 2) return null;
  const batch = broadcast(new Call(call.node, [a.slice(0, -2), b.slice(0, -2)], [])) as Dims;
  return [...batch, a[a.length - 2], b[b.length - 1]];
};

const split: Rule = (call) => {
  const x = call.dims[0];
  if (!x) return null;
  const axis = (call.int('axis', 0) + x.length) % x.length;
  const count = call.node.outputs.length;
  const each = Math.ceil(x[axis] / count);
  const equal = Array.from({ length: count }, (_, i) => Math.min(each, x[axis] - i * each));
  const parts = call.node.inputs[1] ? call.numbers(1) : (call.ints('split') ?? equal);
  return parts ? parts.map((n) => x.map((d, i) => (i === axis ? n : d))) : null;
};

const slice: Rule = (call) => {
  const [x, starts, ends] = [call.dims[0], call.numbers(1), call.numbers(2)];
  if (!x || !starts || !ends || (call.node.inputs[4] && !call.numbers(4))) return null;
  const axes = call.node.inputs[3] ? call.axes(3, x.length) : starts.map((_, i) => i);
  if (!axes) return null;
  const out = [...x];
  for (const [i, axis] of axes.entries()) {
    const step = call.numbers(4)?.[i] ?? 1;
    if (step < 1) return null;
    const clip = (n: number) => Math.min(Math.max(n < 0 ? n + x[axis] : n, 0), x[axis]);
    out[axis] = Math.max(0, Math.ceil((clip(ends[i]) - clip(starts[i])) / step));
  }
  return out;
};

const resize: Rule = (call) => {
  const [x, scales, sizes] = [call.dims[0], call.numbers(2), call.numbers(3)];
  if (!x || call.ints('axes')) return null;
  if (sizes?.length === x.length) return sizes;
  return scales?.length === x.length ? x.map((d, i) => Math.floor(d * scales[i])) : null;
};

const pad: Rule = (call) => {
  const [x, pads] = [call.dims[0], call.ints('pads') ?? call.numbers(1)];
  if (!x || pads?.length !== 2 * x.length) return null;
  return x.map((d, i) => d + pads[i] + pads[i + x.length]);
};

const concat: Rule = (call) => {
  const known = call.dims.filter((d) => d !== null);
  if (known.length !== call.dims.length) return null;
  const axis = (call.int('axis', 0) + known[0].length) % known[0].length;
  return known[0].map((d, i) => (i === axis ? known.reduce((sum, x) => sum + x[i], 0) : d));
};

const reduce: Rule = (call) => {
  const x = call.dims[0];
  const axes = x && (call.node.inputs[1] || call.ints('axes') ? call.axes(1, x.length) : x.map((_, i) => i));
  if (!x || !axes) return null;
  const keep = call.int('keepdims', 1);
  return x.flatMap((d, i) => (axes.includes(i) ? (keep ? [1] : []) : [d]));
};

const RULES: Readonly<Record<string, Rule>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool,
  AveragePool: pool,
  GlobalAveragePool: ({ dims: [x] }) => x?.map((d, i) => (i < 2 ? d : 1)) ?? null,
  GlobalMaxPool: ({ dims: [x] }) => x?.map((d, i) => (i < 2 ? d : 1)) ?? null,
  MatMul: matMul,
  Gemm: (call) => {
    const [a, b] = call.dims;
    return a && b && [a[call.int('transA', 0) ? 1 : 0], b[call.int('transB', 0) ? 0 : 1]];
  },
  Reshape: reshape,
  Transpose: (call) => {
    const x = call.dims[0];
    return x && (call.ints('perm') ?? x.map((_, i) => x.length - 1 - i)).map((axis) => x[axis]);
  },
  Flatten: (call) => {
    const x = call.dims[0];
    const axis = call.int('axis', 1);
    return x && [product(x.slice(0, axis)), product(x.slice(axis))];
  },
  Unsqueeze: (call) => {
    const x = call.dims[0];
    const axes = x && call.axes(1, x.length + ((call.ints('axes') ?? call.numbers(1))?.length ?? 0));
    if (!x || !axes) return null;
    const left = [...x];
    return Array.from({ length: x.length + axes.length }, (_, i) => (axes.includes(i) ? 1 : (left.shift() as number)));
  },
  Squeeze: (call) => {
    const x = call.dims[0];
    const axes = x && (call.axes(1, x.length) ?? x.flatMap((d, i) => (d === 1 ? [i] : [])));
    return x && axes && x.filter((_, i) => !axes.includes(i));
  },
  Gather: (call) => {
    const [x, indices] = call.dims;
    const axis = x && (call.int('axis', 0) + x.length) % x.length;
    return x && indices && axis !== null ? [...x.slice(0, axis), ...indices, ...x.slice(axis + 1)] : null;
  },
  Shape: ({ dims: [x] }) => x && [x.length],
  Concat: concat,
  Split: split,
  Slice: slice,
  Resize: resize,
  Pad: pad,
  ReduceMean: reduce,
  ReduceMax: reduce,
  ReduceMin: reduce,
  ReduceSum: reduce,
  ArgMax: (call) => {
    const x = call.dims[0];
    const axis = x && (call.int('axis', 0) + x.length) % x.length;
    return x?.flatMap((d, i) => (i === axis ? (call.int('keepdims', 1) ? [1] : []) : [d])) ?? null;
  },
};

const SAME =
  'Identity Cast Relu LeakyRelu PRelu Elu Celu Selu Gelu Sigmoid HardSigmoid HardSwish Mish Tanh Softplus Erf Exp Log ' +
  'Sqrt Abs Neg Reciprocal Floor Ceil Round Clip Softmax LogSoftmax Dropout InstanceNormalization BatchNormalization ' +
  'GroupNormalization LayerNormalization LpNormalization CumSum';
const BROADCAST = 'Add Sub Mul Div Pow Max Min Sum Mean Where Equal Greater Less GreaterOrEqual LessOrEqual And Or';
const ALL_RULES = new Map<string, Rule>([
  ...SAME.split(' ').map((op) => [op, same] as const),
  ...BROADCAST.split(' ').map((op) => [op, broadcast] as const),
  ...Object.entries(RULES),
]);
const BOOLEAN = 9;
const BOOLEAN_OPS = new Set(['Equal', 'Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual', 'And', 'Or', 'Not']);

function outputType(node: Node, types: ReadonlyMap<string, number>): number | undefined {
  if (node.opType === 'Cast') return node.attributes.get('to')?.i;
  if (node.opType === 'Shape' || node.opType === 'ArgMax') return INT64;
  if (BOOLEAN_OPS.has(node.opType)) return BOOLEAN;
  return types.get(node.inputs[node.opType === 'Where' ? 1 : 0]);
}

const isShape = (dims: readonly (number | null)[]): dims is Dims =>
  dims.every((d) => d !== null && Number.isInteger(d) && d >= 0);

/**
 * Everything known about a graph's values without running it. Shapes the file states are believed; the others follow
 * from the operators.
 * @param inputDims sizes of inputs whose own are symbolic, by input name
 */
export function inferShapes(model: Model, inputDims: ReadonlyMap<string, Dims> = new Map()): Facts {
  const graph: Graph = model.graph;
  const constants = new Map(graph.initializers);
  const dims = new Map<string, Dims>([...constants].map(([name, tensor]) => [name, tensor.dims]));
  const types = new Map([...constants].map(([name, tensor]) => [name, tensor.dataType]));
  for (const value of [...graph.values, ...graph.outputs, ...graph.inputs]) {
    if (value.dims && isShape(value.dims)) dims.set(value.name, value.dims);
    if (value.dataType) types.set(value.name, value.dataType);
  }
  for (const [name, size] of inputDims) dims.set(name, size);

  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => dims.get(name) ?? null);
    const known = node.inputs.map((name) => constants.get(name) ?? null);
    const isEpa = node.domain === 'organscope' && node.opType === 'EPA';
    const rule = node.domain === '' ? ALL_RULES.get(node.opType) : isEpa ? same : undefined;
    const result = rule?.(new Call(node, inputs, known)) ?? null;
    const shapes = result === null || typeof result[0] === 'number' || result.length === 0 ? [result] : result;
    const type = outputType(node, types);
    for (const [i, name] of node.outputs.entries()) {
      const shape = shapes[i] as Dims | null | undefined;
      if (!dims.has(name) && shape && isShape(shape)) dims.set(name, shape);
      if (!types.has(name) && type) types.set(name, type);
    }
    const folded = foldConstant(node, inputs, known, dims.get(node.outputs[0]) ?? null);
    if (folded) {
      constants.set(node.outputs[0], folded);
      dims.set(node.outputs[0], folded.dims);
      types.set(node.outputs[0], folded.dataType);
    }
  }
  return { dims, types, constants };
}
