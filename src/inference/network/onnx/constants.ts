/** Values known before anything runs: Constant nodes, and the shape arithmetic that exporters leave behind. */
import { fromHalves } from '../../../core/half';
import { FLOAT, FLOAT16, type Node, type Tensor } from './decode';
import { makeTensor } from './encode';

type Dims = readonly number[];

const int64 = (name: string, dims: Dims, values: readonly number[]) =>
  makeTensor(name, dims, BigInt64Array.from(values.map(BigInt)));

/** The value of a Constant node; null for kinds we do not look into (strings, sparse). */
function constantValue(node: Node, name: string): Tensor | null {
  for (const a of node.attributes.values()) {
    if (a.reference) return null;
    if (a.name === 'value') return a.tensor;
    if (a.name === 'value_int') return int64(name, [], [a.i]);
    if (a.name === 'value_ints') return int64(name, [a.ints.length], a.ints);
    if (a.name === 'value_float') return makeTensor(name, [], Float32Array.of(a.f));
    if (a.name === 'value_floats') return makeTensor(name, [a.floats.length], Float32Array.from(a.floats));
  }
  return null;
}

/** Casts that change nothing, and weights stored as float16. */
function cast(x: Tensor, to: number | undefined, name: string): Tensor | null {
  if (x.dataType === to) return x;
  const halves = x.dataType === FLOAT16 && to === FLOAT && x.data instanceof Uint16Array ? x.data : null;
  return halves && makeTensor(name, x.dims, fromHalves(halves));
}

/**
 * What a node makes of constants (or, for Shape, of a known shape), or null when it has to run.
 * @param dims shapes of its inputs, null where unknown
 * @param inputs its inputs, null where not constant
 * @param outDims shape of its first output where known
 */
export function foldConstant(
  node: Node,
  dims: readonly (Dims | null)[],
  inputs: readonly (Tensor | null)[],
  outDims: Dims | null,
): Tensor | null {
  const name = node.outputs[0];
  if (node.domain !== '') return null;
  if (node.opType === 'Constant') return constantValue(node, name);
  if (node.opType === 'Shape') {
    const { start, end } = Object.fromEntries([...node.attributes].map(([key, a]) => [key, a.i]));
    const part = dims[0]?.slice(start ?? 0, end);
    return part ? int64(name, [part.length], part) : null;
  }
  const [x] = inputs;
  if (!x || inputs.some((t) => !t)) return null;
  if (node.opType === 'Identity') return x;
  const integers = inputs.map((t) => (t?.data instanceof BigInt64Array ? Array.from(t.data, Number) : null));
  switch (node.opType) {
    case 'Reshape':
    case 'Squeeze':
    case 'Unsqueeze':
      return x.data && outDims ? makeTensor(name, outDims, x.data) : null;
    case 'Cast':
      return cast(x, node.attributes.get('to')?.i, name);
    case 'Concat': {
      const parts = integers.filter((values) => values !== null);
      return parts.length === inputs.length && outDims?.length === 1 ? int64(name, outDims, parts.flat()) : null;
    }
    case 'Gather': {
      const [values, indices] = integers;
      if (!values || !indices || x.dims.length !== 1 || !outDims) return null;
      return int64(
        name,
        outDims,
        indices.map((i) => values[i < 0 ? i + values.length : i]),
      );
    }
    default:
      return null;
  }
}
