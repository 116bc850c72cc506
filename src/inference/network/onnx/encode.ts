/** Writing ONNX back: nodes, tensors and functions as the bytes they came from, everything around them anew. */
import { PbfWriter } from 'pbf';
import { FLOAT, FLOAT16, type Graph, INT32, INT64, type Model, type Tensor, type ValueInfo } from './decode';

const ELEMENT_TYPES = [
  [Float32Array, FLOAT],
  [Int32Array, INT32],
  [BigInt64Array, INT64],
  [Uint16Array, FLOAT16],
] as const;

/** A tensor made here rather than read from a file, e.g. a shape known in advance. */
export function makeTensor(name: string, dims: readonly number[], data: NonNullable<Tensor['data']>): Tensor {
  const dataType = ELEMENT_TYPES.find(([Type]) => data instanceof Type)?.[1] ?? FLOAT;
  const pbf = new PbfWriter();
  pbf.writePackedVarint(1, [...dims]);
  pbf.writeVarintField(2, dataType);
  pbf.writeStringField(8, name);
  pbf.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return { name, dims, dataType, data, bytes: pbf.finish() };
}

function writeValueInfo({ name, dataType, dims }: ValueInfo, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if (!dataType) return;
  const writeDim = (size: number | null, p: PbfWriter) => {
    if (size !== null) p.writeVarintField(1, size);
  };
  const writeShape = (sizes: readonly (number | null)[], p: PbfWriter) => {
    for (const size of sizes) p.writeMessage(1, writeDim, size);
  };
  const writeTensorType = (_: null, p: PbfWriter) => {
    p.writeVarintField(1, dataType);
    if (dims) p.writeMessage(2, writeShape, dims);
  };
  pbf.writeMessage(2, (_: null, p) => p.writeMessage(1, writeTensorType, null), null);
}

function writeGraph(graph: Graph, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeBytesField(1, node.bytes);
  pbf.writeStringField(2, graph.name);
  for (const [name, tensor] of graph.initializers) {
    // A tensor known under another name than the one in its bytes (the value of a Constant node) is written anew.
    const named = tensor.name === name || !tensor.data ? tensor : makeTensor(name, tensor.dims, tensor.data);
    pbf.writeBytesField(5, named.bytes);
  }
  for (const value of graph.inputs) pbf.writeMessage(11, writeValueInfo, value);
  for (const value of graph.outputs) pbf.writeMessage(12, writeValueInfo, value);
  for (const value of graph.values) pbf.writeMessage(13, writeValueInfo, value);
}

/** A model as the bytes of a .onnx file. */
export function encodeModel(model: Model): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, model.irVersion);
  pbf.writeStringField(2, 'organscope');
  pbf.writeMessage(7, writeGraph, model.graph);
  for (const [domain, version] of model.opsets) {
    pbf.writeMessage(
      8,
      (_: null, p) => {
        p.writeStringField(1, domain);
        p.writeVarintField(2, version);
      },
      null,
    );
  }
  for (const f of model.functions) pbf.writeBytesField(25, f.bytes);
  return pbf.finish();
}
