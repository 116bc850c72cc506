/**
 * The part of ONNX's protobuf schema (onnx.proto3) that planning needs. Decoding gives plain objects; every node, tensor
 * and function also keeps its own bytes, so that encoding writes back what it does not understand unchanged.
 */
import { PbfReader } from 'pbf';
import { ModelError } from '../../../core/errors';
import { type Message, message, reasonOf } from '../../../core/messages';

/** TensorProto.DataType of the types we look into. */
export const FLOAT = 1;
export const INT32 = 6;
export const INT64 = 7;
export const FLOAT16 = 10;
const LAST_DATA_TYPE = 30;

export interface Tensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  /** A view into the file where its bytes are aligned; float16 as its bits; null for other element types. Read only. */
  readonly data: Float32Array | Int32Array | BigInt64Array | Uint16Array | null;
  readonly bytes: Uint8Array;
}

/** Only the field its type calls for is meaningful; the others keep protobuf's defaults. */
export interface Attribute {
  readonly name: string;
  readonly f: number;
  readonly i: number;
  readonly s: string;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly tensor: Tensor | null;
  /** Bodies of If, Loop and Scan, which may read values of the graph around them. */
  readonly graphs: readonly Graph[];
  /** Set inside functions: the value is the attribute of that name of the call. */
  readonly reference: string;
}

export interface Node {
  /** Its own name, or its first output where it has none. */
  readonly name: string;
  readonly opType: string;
  /** '' is ONNX's own. */
  readonly domain: string;
  /** '' stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly bytes: Uint8Array;
}

export interface ValueInfo {
  readonly name: string;
  /** 0 when unknown. */
  readonly dataType: number;
  /** null: unknown rank; a null entry: a symbolic or unknown size. */
  readonly dims: readonly (number | null)[] | null;
}

export interface Graph {
  readonly name: string;
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** Without those that are initializers (older files list both). */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly values: readonly ValueInfo[];
}

export interface OnnxFunction {
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  readonly bytes: Uint8Array;
}

export interface Model {
  readonly irVersion: number;
  /** Version of each operator set, by domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly functions: readonly OnnxFunction[];
}

class Damaged extends Error {
  /** @param what is wrong with the bytes, as a clause */
  constructor(readonly what: Message) {
    super(what.code);
  }
}

/** Runs `read` over the fields of one nested message, which must end exactly where it says. */
function fieldsOf(pbf: PbfReader, read: (tag: number) => void): Uint8Array {
  const length = pbf.readVarint();
  const start = pbf.pos;
  if (start + length > pbf.length) throw new Damaged(message('record-past-end', { length, start }));
  fields(pbf, start + length, read);
  return pbf.buf.subarray(start, pbf.pos);
}

function fields(pbf: PbfReader, end: number, read: (tag: number) => void): void {
  pbf.readFields(read, undefined, end);
  if (pbf.pos !== end) throw new Damaged(message('record-end', { end }));
}

function bytes(pbf: PbfReader): Uint8Array {
  const start = pbf.pos;
  const value = pbf.readBytes();
  if (pbf.pos > pbf.length) throw new Damaged(message('field-past-end', { start }));
  return value;
}

const utf8 = new TextDecoder();
const text = (pbf: PbfReader) => utf8.decode(bytes(pbf));

/** Elements of a little-endian array: in place where the bytes are aligned, else copied once. */
function view<T>(
  Type: { new (b: ArrayBufferLike, o: number, n: number): T; BYTES_PER_ELEMENT: number },
  raw: Uint8Array,
) {
  const size = Type.BYTES_PER_ELEMENT;
  if (raw.byteLength % size) throw new Damaged(message('not-elements', { bytes: raw.byteLength, size }));
  const aligned = raw.byteOffset % size === 0 ? raw : raw.slice();
  return new Type(aligned.buffer, aligned.byteOffset, aligned.byteLength / size);
}

const INT64_MAX = 2n ** 63n - 1n;

function readTensor(pbf: PbfReader): Tensor {
  const dims: number[] = [];
  let [name, dataType, external] = ['', 0, false];
  let raw = null as Uint8Array | null;
  let packed = null as Uint8Array | null;
  const [floats, int32s, int64s]: number[][] = [[], [], []];
  const own = fieldsOf(pbf, (tag) => {
    if (tag === 1) pbf.readPackedVarint(dims, true);
    else if (tag === 2) dataType = pbf.readVarint();
    else if (tag === 4 && pbf.type === 2) packed = bytes(pbf);
    else if (tag === 4) floats.push(pbf.readFloat());
    else if (tag === 5) pbf.readPackedVarint(int32s, true);
    else if (tag === 7) pbf.readPackedVarint(int64s, true);
    else if (tag === 8) name = text(pbf);
    else if (tag === 9) raw = bytes(pbf);
    else if (tag === 13 || (tag === 14 && pbf.readVarint() === 1)) external = true;
  });
  if (external) {
    throw new ModelError('onnx-external-data', { name });
  }
  if (dataType < 1 || dataType > LAST_DATA_TYPE) {
    throw new ModelError('onnx-tensor-type', { name, type: dataType });
  }
  let data: Tensor['data'] = null;
  if (dataType === FLOAT) data = view(Float32Array, raw ?? packed ?? new Uint8Array(Float32Array.from(floats).buffer));
  else if (dataType === FLOAT16) data = raw ? view(Uint16Array, raw) : Uint16Array.from(int32s);
  else if (dataType === INT32) data = raw ? view(Int32Array, raw) : Int32Array.from(int32s);
  else if (dataType === INT64) {
    const clamp = (n: number) => (n >= 2 ** 63 ? INT64_MAX : BigInt(n));
    data = raw ? view(BigInt64Array, raw) : BigInt64Array.from(int64s.map(clamp));
  }
  const count = dims.reduce((a, b) => a * b, 1);
  if (data && data.length !== count) {
    throw new Damaged(message('tensor-length', { name, shape: dims.join(', '), count, held: data.length }));
  }
  return { name, dims, dataType, data, bytes: own };
}

function readAttribute(pbf: PbfReader): Attribute {
  const ints: number[] = [];
  const floats: number[] = [];
  const graphs: Graph[] = [];
  let [name, f, i, s, reference] = ['', 0, 0, '', ''];
  let tensor = null as Tensor | null;
  fieldsOf(pbf, (tag) => {
    if (tag === 1) name = text(pbf);
    else if (tag === 2) f = pbf.readFloat();
    else if (tag === 3) i = pbf.readVarint(true);
    else if (tag === 4) s = text(pbf);
    else if (tag === 5) tensor = readTensor(pbf);
    else if (tag === 6 || tag === 11) graphs.push(readGraph(pbf));
    else if (tag === 7) pbf.readPackedFloat(floats);
    else if (tag === 8) pbf.readPackedVarint(ints, true);
    else if (tag === 21) reference = text(pbf);
  });
  return { name, f, i, s, floats, ints, tensor, graphs, reference };
}

function readNode(pbf: PbfReader): Node {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  let [name, opType, domain] = ['', '', ''];
  const own = fieldsOf(pbf, (tag) => {
    if (tag === 1) inputs.push(text(pbf));
    else if (tag === 2) outputs.push(text(pbf));
    else if (tag === 3) name = text(pbf);
    else if (tag === 4) opType = text(pbf);
    else if (tag === 5) {
      const attribute = readAttribute(pbf);
      attributes.set(attribute.name, attribute);
    } else if (tag === 7) domain = text(pbf);
  });
  if (domain === 'ai.onnx') domain = '';
  return { name: name || outputs[0] || opType, opType, domain, inputs, outputs, attributes, bytes: own };
}

function readValueInfo(pbf: PbfReader): ValueInfo {
  let [name, dataType] = ['', 0];
  let dims = null as (number | null)[] | null;
  const shape = (tag: number) => {
    if (tag !== 1) return;
    let size = null as number | null;
    fieldsOf(pbf, (dim) => {
      if (dim === 1) size = pbf.readVarint(true);
    });
    dims?.push(size);
  };
  const tensorType = (tag: number) => {
    if (tag === 1) dataType = pbf.readVarint();
    else if (tag === 2) {
      dims = [];
      fieldsOf(pbf, shape);
    }
  };
  const type = (tag: number) => {
    if (tag === 1) fieldsOf(pbf, tensorType);
  };
  fieldsOf(pbf, (tag) => {
    if (tag === 1) name = text(pbf);
    else if (tag === 2) fieldsOf(pbf, type);
  });
  return { name, dataType, dims };
}

function readGraph(pbf: PbfReader): Graph {
  const initializers = new Map<string, Tensor>();
  const [inputs, outputs, values]: ValueInfo[][] = [[], [], []];
  const nodes: Node[] = [];
  let name = '';
  fieldsOf(pbf, (tag) => {
    if (tag === 1) nodes.push(readNode(pbf));
    else if (tag === 2) name = text(pbf);
    else if (tag === 5) {
      const tensor = readTensor(pbf);
      initializers.set(tensor.name, tensor);
    } else if (tag === 11) inputs.push(readValueInfo(pbf));
    else if (tag === 12) outputs.push(readValueInfo(pbf));
    else if (tag === 13) values.push(readValueInfo(pbf));
    else if (tag === 15) throw new ModelError('onnx-sparse');
  });
  return { name, nodes, initializers, inputs: inputs.filter((v) => !initializers.has(v.name)), outputs, values };
}

function readFunction(pbf: PbfReader): OnnxFunction {
  const [inputs, outputs]: string[][] = [[], []];
  const nodes: Node[] = [];
  let [domain, name] = ['', ''];
  const own = fieldsOf(pbf, (tag) => {
    if (tag === 1) name = text(pbf);
    else if (tag === 4) inputs.push(text(pbf));
    else if (tag === 5) outputs.push(text(pbf));
    else if (tag === 7) nodes.push(readNode(pbf));
    else if (tag === 10) domain = text(pbf);
  });
  return { domain, name, inputs, outputs, nodes, bytes: own };
}

/**
 * Reads model.onnx. Weights are views into `file`, which must not change afterwards.
 * @throws ModelError('onnx-damaged' | 'onnx-external-data' | 'onnx-tensor-type' | 'onnx-sparse')
 */
export function decodeModel(file: Uint8Array): Model {
  const opsets = new Map<string, number>();
  const functions: OnnxFunction[] = [];
  const pbf = new PbfReader(file);
  let irVersion = 0;
  let graph = null as Graph | null;
  try {
    fields(pbf, file.length, (tag) => {
      if (tag === 1) irVersion = pbf.readVarint();
      else if (tag === 7) graph = readGraph(pbf);
      else if (tag === 8) {
        let [domain, version] = ['', 0];
        fieldsOf(pbf, (field) => {
          if (field === 1) domain = text(pbf);
          else if (field === 2) version = pbf.readVarint();
        });
        opsets.set(domain === 'ai.onnx' ? '' : domain, version);
      } else if (tag === 25) functions.push(readFunction(pbf));
    });
    if (!graph) throw new Damaged(message('no-graph'));
    if (!graph.nodes.length) throw new Damaged(message('no-nodes'));
    if (!opsets.size) throw new Damaged(message('no-operator-set'));
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    // Everything else thrown while reading bytes (a RangeError from a view, an unknown wire type) means the same.
    const why = cause instanceof Damaged ? cause.what : reasonOf(cause);
    throw new ModelError('onnx-damaged', { bytes: file.length, why }, { cause });
  }
  return { irVersion, opsets, graph, functions };
}
