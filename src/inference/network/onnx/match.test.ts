import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { expectAllClose, randomNormal } from '../../../testing/allClose';
import type { Model, Node } from './decode';
import { makeModel, node } from './makeModel';
import type { EngineOp } from './ops';
import { opInputs, planGraph } from './plan';
import { runPlan } from './runPlan.reference';

vi.setConfig({ testTimeout: 60_000 }); // onnxruntime-web alone takes seconds to start on a busy machine

let seed = 1;
const tensor = (...dims: number[]) => ({
  dims,
  data: randomNormal(
    dims.reduce((a, b) => a * b, 1),
    seed++,
  ),
});
const filled = (value: number, ...dims: number[]) => ({ dims, data: tensor(...dims).data.fill(value) });
const positive = (...dims: number[]) => ({ dims, data: tensor(...dims).data.map((v) => Math.abs(v) + 0.5) });
const shape = (...sizes: number[]) => ({ dims: [sizes.length], data: BigInt64Array.from(sizes.map(BigInt)) });

const GRID = [3, 5, 4];
const X = [1, 6, ...GRID];
const PAD = { pads: [1, 1, 1, 1, 1, 1] };

/** Plans a model, runs it both ways, and returns the ops that took part. */
async function check(model: Model, softmax = false): Promise<EngineOp[]> {
  const x = tensor(...X).data;
  const plan = planGraph(model, { claims: 'all', softmax });
  const expected = await runPlan(planGraph(model, { claims: 'none' }), x);
  expectAllClose(await runPlan(plan, x), expected, 1e-5); // fp32 against float64, K <= 162: 1e-6 observed
  return plan.steps.filter((step): step is EngineOp => step.kind !== 'segment');
}

const one = (ops: readonly EngineOp[], kind: EngineOp['kind'], nodes: number) => {
  expect(ops.map((op) => [op.kind, op.nodes.length])).toEqual([[kind, nodes]]);
  return ops[0];
};

describe('fusing, compared with ONNX Runtime', () => {
  const w3 = { w: tensor(8, 6, 3, 3, 3), b: tensor(8) };
  const conv3 = node('Conv', ['x', 'w', 'b'], ['c'], PAD);

  it('batch norm folds into a convolution and into a transposed one', async () => {
    const bn = { g: positive(8), h: tensor(8), m: tensor(8), v: positive(8) };
    const norm = node('BatchNormalization', ['c', 'g', 'h', 'm', 'v'], ['y'], { epsilon: { float: 1e-3 } });
    one(await check(makeModel([conv3, norm], { ...w3, ...bn }, X)), 'conv3d', 2);
    const up = node('ConvTranspose', ['x', 'w'], ['c'], { strides: [1, 2, 3] });
    one(await check(makeModel([up, norm], { w: tensor(6, 8, 1, 2, 3), ...bn }, X)), 'upsample', 2);
  });

  it('the upsampling our exporter writes keeps its batch norm and skip', async () => {
    const nodes = [
      node('Reshape', ['x', 'flat'], ['f']),
      node('Transpose', ['f'], ['t'], { perm: [0, 2, 1] }),
      node('MatMul', ['t', 'w'], ['m']),
      node('Reshape', ['m', 'cells'], ['k']),
      node('Transpose', ['k'], ['i'], { perm: [3, 0, 4, 1, 5, 2, 6] }),
      node('Reshape', ['i', 'volume'], ['u']),
      node('BatchNormalization', ['u', 'g', 'h', 'a', 'v'], ['n']),
      node('Add', ['skip', 'n'], ['y']),
    ];
    const skip = node('Resize', ['x6', '', 'scales'], ['skip'], { mode: 'nearest' });
    const slice = node('Slice', ['x', 'from', 'to', 'axis'], ['x6']);
    const weights = {
      ...{ w: tensor(6, 4 * 2 * 1 * 3), flat: shape(1, 6, 60), cells: shape(...GRID, 4, 2, 1, 3) },
      ...{ volume: shape(1, 4, 6, 5, 12), g: positive(4), h: tensor(4), a: tensor(4), v: positive(4) },
      ...{ scales: { dims: [5], data: Float32Array.of(1, 1, 2, 1, 3) } },
      ...{ from: shape(1), to: shape(5), axis: shape(1) },
    };
    const op = one(await check(makeModel([slice, skip, ...nodes], weights, X)), 'upsample', 8);
    expect(op).toMatchObject({ cin: 6, cout: 4, kernel: [2, 1, 3], residual: 'skip' });
  });

  it.each([18, 21])(
    'GroupNormalization of opset %i, scaled per group or per channel',
    { timeout: 60_000 },
    async (o) => {
      const scale = o === 18 ? [tensor(2), tensor(2)] : [tensor(8), tensor(8)];
      const norm = node('GroupNormalization', ['c', 'g', 'h'], ['n'], { num_groups: 2 });
      const act = node('PRelu', ['n', 'slope'], ['y']);
      const weights = { ...w3, g: scale[0], h: scale[1], slope: filled(0.3, 1, 1, 1) };
      const op = one(await check(makeModel([conv3, norm, act], weights, X, o)), 'conv3d', 3);
      expect(op).toMatchObject({ norm: { groups: 2 }, act: { slope: Math.fround(0.3) } });
    },
  );

  it('instance norm takes a scale and shift per channel that follow it, wherever the constant stands', async () => {
    const nodes = [
      conv3,
      node('InstanceNormalization', ['c', 'g', 'h'], ['n']),
      node('Mul', ['s', 'n'], ['o']),
      node('Add', ['o', 't'], ['y']),
    ];
    const weights = { ...w3, g: tensor(8), h: tensor(8), s: tensor(8, 1, 1, 1), t: tensor(1, 1, 1, 1, 1) };
    one(await check(makeModel(nodes, weights, X)), 'conv3d', 4);
  });

  it('no-ops in between, padding by name, and a softmax over channels', async () => {
    const same = node('Conv', ['x', 'w', 'b'], ['c'], { auto_pad: 'SAME_UPPER', kernel_shape: [3, 3, 3] });
    const tail = [node('Dropout', ['c'], ['d']), node('Identity', ['d'], ['i']), node('Relu', ['i'], ['y'])];
    one(await check(makeModel([same, ...tail], w3, X)), 'conv3d', 4);
    const head = [node('Conv', ['x', 'w'], ['c']), node('Softmax', ['c'], ['y'], { axis: 1 })];
    const w1 = { w: tensor(3, 6, 1, 1, 1) };
    expect(one(await check(makeModel(head, w1, X), true), 'pointwise', 2)).toMatchObject({ softmax: true });
    one(await check(makeModel(head, w1, X)), 'pointwise', 1);
  });

  it('a sum goes to the 3x3x3 convolution even when the 1x1x1 shortcut is computed later', async () => {
    const nodes = [
      conv3,
      node('Conv', ['x', 'w1'], ['s']),
      node('Add', ['c', 's'], ['a']),
      node('LeakyRelu', ['a'], ['y'], { alpha: { float: 0.1 } }),
    ];
    const ops = await check(makeModel(nodes, { ...w3, w1: tensor(8, 6, 1, 1, 1) }, X));
    expect(ops.map((op) => [op.kind, opInputs(op), op.y])).toEqual([
      ['pointwise', ['x'], 's'],
      ['conv3d', ['x', 's'], 'y'],
    ]);
  });

  it('a value that something else reads, or that is an output, ends the fusion', async () => {
    const relu = node('Relu', ['c'], ['r']);
    const both = [conv3, relu, node('Max', ['c', 'r'], ['y'])];
    expect(one(await check(makeModel(both, w3, X)), 'conv3d', 1)).toMatchObject({ act: null });
    const output = [node('Conv', ['x', 'w', 'b'], ['y'], PAD), node('Relu', ['y'], ['r'])];
    expect(one(await check(makeModel(output, w3, X)), 'conv3d', 1)).toMatchObject({ act: null, y: 'y' });
    const twice = [conv3, node('Add', ['c', 'c'], ['y'])];
    expect(one(await check(makeModel(twice, w3, X)), 'conv3d', 1)).toMatchObject({ residual: null });
  });

  it('a sum that broadcasts, or adds a constant volume, is not a residual', async () => {
    const wide = [conv3, node('ReduceMean', ['c0'], ['r'], { axes: [2, 3, 4] }), node('Add', ['c', 'r'], ['y'])];
    const source = node('Conv', ['x', 'w0'], ['c0']);
    const weights = { ...w3, w0: tensor(8, 6, 1, 1, 1) };
    const ops = await check(makeModel([source, ...wide], weights, X));
    expect(ops.map((op) => 'residual' in op && op.residual)).toEqual([null, null]);
    const constant = [conv3, node('Add', ['c', 'k'], ['y'])];
    one(await check(makeModel(constant, { ...w3, k: tensor(1, 8, ...GRID) }, X)), 'conv3d', 1);
  });
});

describe('norms that no convolution of ours can take along', () => {
  const pool = node('MaxPool', ['x'], ['c'], { kernel_shape: [1, 1, 1] });
  const scale = { g: tensor(6), h: tensor(6) };

  it('are taken with the activation after them, though something else reads their input too', async () => {
    const nodes = [
      pool,
      node('InstanceNormalization', ['c', 'g', 'h'], ['n']),
      node('LeakyRelu', ['n'], ['a'], { alpha: { float: 0.2 } }),
      node('Max', ['a', 'c'], ['y']),
    ];
    const op = one(await check(makeModel(nodes, scale, X)), 'norm', 2);
    expect(op).toMatchObject({ x: 'c', y: 'a', norm: { groups: 6 }, act: { slope: Math.fround(0.2) } });
  });

  it('are taken in both forms of group norm', async () => {
    const native = [pool, node('GroupNormalization', ['c', 'g', 'h'], ['y'], { num_groups: 2 })];
    one(await check(makeModel(native, scale, X, 21)), 'norm', 1);
    const spelled = [
      pool,
      node('Reshape', ['c', 'grouped'], ['r']),
      node('InstanceNormalization', ['r', 'ones', 'zeros'], ['n']),
      node('Reshape', ['n', 'volume'], ['u']),
      node('Mul', ['u', 's'], ['m']),
      node('Add', ['m', 't'], ['y']),
    ];
    const weights = { grouped: shape(1, 3, -1), volume: shape(...X), ones: filled(1, 3), zeros: filled(0, 3) };
    const perChannel = { s: tensor(6, 1, 1, 1), t: tensor(6, 1, 1, 1) };
    const op = one(await check(makeModel(spelled, { ...weights, ...perChannel }, X)), 'norm', 5);
    expect(op).toMatchObject({ norm: { groups: 3 }, act: null });
  });

  it('stay where they are when their scale is computed, and so does a Reshape without a norm', async () => {
    const computed = [node('ReduceMean', ['x'], ['g'], { axes: [0, 2, 3, 4], keepdims: 0 }), pool];
    const norm = node('InstanceNormalization', ['c', 'g', 'h'], ['y']);
    expect(await check(makeModel([...computed, norm], { h: tensor(6) }, X))).toEqual([]);
    const reshapes = [node('Reshape', ['x', 'flat'], ['f']), node('Reshape', ['f', 'volume'], ['y'])];
    expect(await check(makeModel(reshapes, { flat: shape(1, 6, 60), volume: shape(...X) }, X))).toEqual([]);
  });
});

describe('convolutions without a kernel', () => {
  const why = (attributes: Parameters<typeof node>[3], dims: number[], x: (number | null)[] = X) => {
    const plan = planGraph(makeModel([node('Conv', ['x', 'w'], ['y'], attributes)], { w: tensor(...dims) }, x), {
      claims: 'all',
    });
    expect(plan.steps[0].kind).toBe('segment');
    return plan.nodes[0].why;
  };

  it('say what is in the way', () => {
    expect(why({ group: 2, ...PAD }, [4, 3, 3, 3, 3])).toBe('it is grouped');
    expect(why({ dilations: [1, 2, 1], ...PAD }, [4, 6, 3, 3, 3])).toBe('it is dilated');
    expect(why({ strides: [2, 2, 2], ...PAD }, [4, 6, 3, 3, 3])).toMatch(/no kernel for 3x3x3 at stride 2x2x2/);
    expect(why({ strides: [2, 2, 2] }, [4, 6, 2, 2, 2])).toBe('its kernel 2x2x2 does not divide the grid 3x5x4');
    expect(why({}, [4, 6, 3, 3], [1, 6, 5, 4])).toBe('its input has 4 axes, not 5');
    expect(why(PAD, [4, 6, 3, 3, 3], [2, 6, 3, 5, 4])).toBe('its batch is 2, not 1');
    expect(why(PAD, [4, 6, 3, 3, 3], [1, 6, null, 5, 4])).toBe('its shapes are not known in advance');
  });
});

describe('cutting segments', () => {
  /** Node i reads two earlier values; a claimed one is a 1x1x1 convolution, the others ONNX Runtime's. */
  const graph = fc
    .array(fc.record({ ours: fc.boolean(), a: fc.nat(), b: fc.nat() }), { minLength: 1, maxLength: 24 })
    .map((specs) => {
      const nodes: Node[] = specs.map(({ ours, a, b }, i) => {
        const read = (n: number) => (n % (i + 1) === 0 ? 'x' : `v${(n % (i + 1)) - 1}`);
        const name = i === specs.length - 1 ? 'y' : `v${i}`;
        return ours ? node('Conv', [read(a), 'w'], [name]) : node('Max', [read(a), read(b)], [name]);
      });
      return makeModel(nodes, { w: { dims: [1, 1, 1, 1, 1], data: Float32Array.of(2) } }, [1, 1, 2, 1, 3]);
    });

  it('every step finds its inputs made, every needed node runs once, and no two segments touch without a kernel between', () => {
    fc.assert(
      fc.property(graph, (model) => {
        const plan = planGraph(model, { claims: 'all' });
        const made = new Set(plan.inputs);
        for (const step of plan.steps) {
          const [inputs, outputs] = step.kind === 'segment' ? [step.inputs, step.outputs] : [opInputs(step), [step.y]];
          for (const name of inputs) expect(made).toContain(name);
          for (const name of outputs) made.add(name);
        }
        expect(made).toContain('y');
        const run = plan.steps.flatMap((step) => step.nodes);
        expect(run).toHaveLength(new Set(run).size);
        expect(run).toHaveLength(plan.nodes.filter((n) => n.step >= 0).length);
        const kinds = plan.steps.map((step) => step.kind);
        for (let i = 1; i < kinds.length; i++) expect(kinds.slice(i - 1, i + 1)).not.toEqual(['segment', 'segment']);
      }),
    );
  });

  it('what runs late anyway does not open a segment of its own', () => {
    const nodes = [
      node('Sqrt', ['x'], ['early']),
      node('Conv', ['x', 'w'], ['c']),
      node('Relu', ['c'], ['r']),
      node('MaxPool', ['r'], ['p'], { kernel_shape: [1, 1, 1] }),
      node('Conv', ['p', 'w'], ['d']),
      node('Max', ['d', 'early'], ['y']),
    ];
    const model = makeModel(nodes, { w: tensor(6, 6, 1, 1, 1) }, X);
    const plan = planGraph(model, { claims: 'all' });
    expect(plan.steps.map((step) => step.nodes)).toEqual([['c', 'r'], ['early', 'p'], ['d'], ['y']]);
  });
});
