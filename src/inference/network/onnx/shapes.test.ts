import * as ort from 'onnxruntime-web';
import { describe, expect, it, vi } from 'vitest';
import { randomNormal } from '../../../testing/allClose';
import type { Node } from './decode';
import { makeModel, node } from './makeModel';
import { planGraph } from './plan';
import { inferShapes } from './shapes';

ort.env.logLevel = 'error';
ort.env.wasm.numThreads = 1;
vi.setConfig({ testTimeout: 60_000 }); // onnxruntime-web alone takes seconds to start on a busy machine

const X = [1, 4, 7, 5, 6];
const floats = (...dims: number[]) => ({
  dims,
  data: randomNormal(
    dims.reduce((a, b) => a * b, 1),
    3,
  ),
});
const ints = (...values: number[]) => ({ dims: [values.length], data: BigInt64Array.from(values.map(BigInt)) });
type Weights = Parameters<typeof makeModel>[1];

const K3 = { kernel_shape: [3, 3, 3] };
const CASES: [string, Node[], Weights?][] = [
  [
    'Conv',
    [node('Conv', ['x', 'w'], ['y'], { pads: [1, 0, 2, 0, 1, 1], strides: [2, 1, 3] })],
    { w: floats(3, 4, 3, 2, 3) },
  ],
  ['Conv, dilated', [node('Conv', ['x', 'w'], ['y'], { dilations: [2, 1, 2] })], { w: floats(3, 4, 3, 2, 3) }],
  [
    'Conv, SAME',
    [node('Conv', ['x', 'w'], ['y'], { auto_pad: 'SAME_LOWER', strides: [2, 2, 2] })],
    { w: floats(3, 4, 3, 3, 3) },
  ],
  [
    'ConvTranspose',
    [
      node('ConvTranspose', ['x', 'w'], ['y'], {
        strides: [2, 3, 1],
        pads: [1, 0, 0, 0, 1, 0],
        output_padding: [1, 0, 0],
      }),
    ],
    { w: floats(4, 3, 3, 4, 2) },
  ],
  ['ConvTranspose, grouped', [node('ConvTranspose', ['x', 'w'], ['y'], { group: 2 })], { w: floats(4, 3, 2, 2, 2) }],
  ['MaxPool', [node('MaxPool', ['x'], ['y'], { ...K3, strides: [2, 2, 2], pads: [1, 1, 1, 1, 1, 1] })]],
  ['MaxPool, ceil', [node('MaxPool', ['x'], ['y'], { ...K3, strides: [2, 2, 2], ceil_mode: 1 })]],
  ['AveragePool', [node('AveragePool', ['x'], ['y'], K3)]],
  ['GlobalAveragePool', [node('GlobalAveragePool', ['x'], ['y'])]],
  ['broadcasting Mul', [node('Mul', ['x', 'w'], ['y'])], { w: floats(3, 1, 1, 5, 6) }],
  ['MatMul', [node('MatMul', ['x', 'w'], ['y'])], { w: floats(4, 1, 6, 3) }],
  [
    'Gemm',
    [node('Flatten', ['x'], ['f'], { axis: 3 }), node('Gemm', ['f', 'w'], ['y'], { transA: 1, transB: 1 })],
    { w: floats(2, 28) },
  ],
  ['Flatten', [node('Flatten', ['x'], ['y'], { axis: 2 })]],
  ['Reshape', [node('Reshape', ['x', 's'], ['y'])], { s: ints(0, 2, -1, 15) }],
  ['Transpose', [node('Transpose', ['x'], ['y'], { perm: [0, 2, 4, 1, 3] })]],
  ['Transpose, reversed', [node('Transpose', ['x'], ['y'])]],
  ['Concat', [node('Concat', ['x', 'x', 'w'], ['y'], { axis: -4 })], { w: floats(1, 3, 7, 5, 6) }],
  ['Split', [node('Split', ['x', 's'], ['a', 'y'], { axis: 2 })], { s: ints(2, 5) }],
  ['Split, equal', [node('Split', ['x'], ['a', 'y'], { axis: -1 })]],
  [
    'Slice',
    [node('Slice', ['x', 'a', 'b', 'c', 'd'], ['y'])],
    { a: ints(-6, 0), b: ints(100, -1), c: ints(2, -1), d: ints(2, 2) },
  ],
  ['Resize', [node('Resize', ['x', '', 's'], ['y'])], { s: { dims: [5], data: Float32Array.of(1, 1, 2, 1.5, 0.5) } }],
  ['Resize to sizes', [node('Resize', ['x', '', '', 's'], ['y'])], { s: ints(1, 4, 3, 9, 6) }],
  ['Pad', [node('Pad', ['x', 's'], ['y'])], { s: ints(0, 1, 0, 2, 0, 0, 0, 3, 0, 1) }],
  ['ReduceMean', [node('ReduceMean', ['x'], ['y'], { axes: [2, 4], keepdims: 0 })]],
  ['Squeeze and Unsqueeze', [node('Squeeze', ['x'], ['q']), node('Unsqueeze', ['q', 's'], ['y'])], { s: ints(-1, 1) }],
  ['Softmax', [node('Softmax', ['x'], ['y'], { axis: 1 })]],
  ['LayerNormalization', [node('LayerNormalization', ['x', 'w'], ['y'])], { w: floats(6) }],
  ['Sigmoid after Pow', [node('Pow', ['x', 'w'], ['p']), node('Sigmoid', ['p'], ['y'])], { w: floats(1) }],
  [
    'shape arithmetic',
    [
      node('Shape', ['x'], ['all']),
      node('Gather', ['all', 'two'], ['depth']),
      node('Unsqueeze', ['depth', 'zero'], ['d']),
      node('Concat', ['d', 'rest'], ['s'], { axis: 0 }),
      node('Reshape', ['x', 's'], ['y']),
    ],
    { two: { dims: [], data: BigInt64Array.of(2n) }, zero: ints(0), rest: ints(4, -1) },
  ],
];

describe('shapes', () => {
  it.each(CASES)('of %s are those ONNX Runtime finds', async (_, nodes, weights = {}) => {
    const model = makeModel(nodes, weights, X);
    const segment = planGraph(model, { claims: 'none' }).steps[0];
    if (segment.kind !== 'segment') throw new Error('one segment expected');
    const session = await ort.InferenceSession.create(segment.model);
    const { y } = await session.run({ x: new ort.Tensor('float32', floats(...X).data, X) });
    expect(inferShapes(model).dims.get('y')).toEqual([...y.dims]);
    await session.release();
  });

  it('are unknown after an operator without a rule, and after a symbolic size', () => {
    const strange = [node('NonZero', ['x'], ['n']), node('Cast', ['n'], ['y'], { to: 1 })];
    expect(inferShapes(makeModel(strange, {}, X)).dims.has('y')).toBe(false);
    const pool = makeModel([node('MaxPool', ['x'], ['y'], K3)], {}, [1, 4, null, 5, 6]);
    expect(inferShapes(pool).dims.has('y')).toBe(false);
    expect(inferShapes(pool, new Map([['x', X]])).dims.get('y')).toEqual([1, 4, 5, 3, 4]);
  });

  it('a reshape that does not divide stays unknown', () => {
    const model = makeModel([node('Reshape', ['x', 's'], ['y'])], { s: ints(-1, 11) }, X);
    expect(inferShapes(model).dims.has('y')).toBe(false);
  });

  it('weights stored as float16 and cast are float32 constants of their own name', () => {
    const halves = { dims: [3], data: Uint16Array.of(0x3c00, 0xc100, 0x0001) };
    const nodes = [node('Cast', ['w.fp16'], ['w'], { to: 1 }), node('Mul', ['x', 'w'], ['y'])];
    const { constants, types } = inferShapes(makeModel(nodes, { 'w.fp16': halves }, [1, 3]));
    expect(constants.get('w')).toMatchObject({ name: 'w', dims: [3], data: Float32Array.of(1, -2.5, 2 ** -24) });
    expect(types.get('w')).toBe(1);
  });
});
