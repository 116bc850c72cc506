/** Small ONNX models written by hand, node by node: what is measured on this machine, and what tests run. */
import { PbfWriter } from 'pbf';
import { decodeModel, FLOAT, type Model, type Node } from './decode';
import { encodeModel, makeTensor } from './encode';

type AttributeValue = number | string | readonly number[] | { readonly float: number };

function writeAttribute([name, value]: [string, AttributeValue], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if (typeof value === 'number') {
    pbf.writeVarintField(3, value);
    pbf.writeVarintField(20, 2);
  } else if (typeof value === 'string') {
    pbf.writeStringField(4, value);
    pbf.writeVarintField(20, 3);
  } else if ('float' in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, 1);
  } else {
    for (const n of value) pbf.writeVarintField(8, n);
    pbf.writeVarintField(20, 7);
  }
}

/** A node called after its first output. */
export function node(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): Node {
  const pbf = new PbfWriter();
  for (const name of inputs) pbf.writeStringField(1, name);
  for (const name of outputs) pbf.writeStringField(2, name);
  pbf.writeStringField(3, outputs[0]);
  pbf.writeStringField(4, opType);
  for (const entry of Object.entries(attributes)) pbf.writeMessage(5, writeAttribute, entry);
  return { name: outputs[0], opType, domain: '', inputs, outputs, attributes: new Map(), bytes: pbf.finish() };
}

/** A model from `x` to `y`, written and read back. */
export function makeModel(
  nodes: readonly Node[],
  weights: Readonly<Record<string, { dims: readonly number[]; data: Float32Array | BigInt64Array | Uint16Array }>>,
  xDims: readonly (number | null)[],
  opset = 17,
): Model {
  const initializers = new Map(
    Object.entries(weights).map(([name, { dims, data }]) => [name, makeTensor(name, dims, data)]),
  );
  const inputs = [{ name: 'x', dataType: FLOAT, dims: xDims }];
  const outputs = [{ name: 'y', dataType: FLOAT, dims: null }];
  const graph = { name: 'test', nodes, initializers, inputs, outputs, values: [] };
  return decodeModel(encodeModel({ irVersion: 8, opsets: new Map([['', opset]]), graph, functions: [] }));
}
