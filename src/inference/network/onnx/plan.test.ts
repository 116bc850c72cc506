import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { expectAllClose } from '../../../testing/allClose';
import { decodeModel } from './decode';
import type { EngineOp, Plan } from './ops';
import { planGraph } from './plan';
import { planTable } from './planTable';
import { runPlan } from './runPlan.reference';

vi.setConfig({ testTimeout: 60_000 }); // onnxruntime-web alone takes seconds to start on a busy machine

const folder = new URL('fixtures/', import.meta.url);
const UNETRPP = ['shared-concat', 'separate-conv52', 'plain-sum'];
const ALL = [...UNETRPP, 'plain-unet'];

const model = (name: string) => decodeModel(new Uint8Array(readFileSync(new URL(`${name}.onnx`, folder))));
const numbers = (file: string) => new Float32Array(new Uint8Array(readFileSync(new URL(file, folder))).buffer);
const kinds = (plan: Plan) => plan.steps.map((step) => step.kind);
const opsOf = (plan: Plan) => plan.steps.filter((step): step is EngineOp => step.kind !== 'segment');

describe('plans compute what the whole model computes', () => {
  const cases = ALL.flatMap((name) => (['none', 'epa', 'all'] as const).map((claims) => ({ name, claims })));
  it.each(cases)('$name with claims $claims', async ({ name, claims }) => {
    const plan = planGraph(model(name), { claims });
    const result = await runPlan(plan, numbers(`${name}.input.bin`));
    // fp32 through some 40 layers: 7e-6 between two builds of ONNX Runtime, 3e-6 with float64 inside ops.
    expectAllClose(result, numbers(`${name}.logits.bin`), 2e-5);
  });
});

describe('claiming', () => {
  it.each(UNETRPP)('takes every node of the %s network', (name) => {
    const plan = planGraph(model(name), { claims: 'all' });
    expect(kinds(plan)).not.toContain('segment');
    expect(plan.nodes.filter((node) => node.why !== null)).toEqual([]);
    expect(opsOf(plan).flatMap((op) => op.nodes)).toHaveLength(plan.nodes.length);
    expect(opsOf(plan).filter((op) => op.kind === 'epa-block')).toHaveLength(7);
  });

  it.each(UNETRPP)('takes only the EPA calls and norms of the %s network when asked to', (name) => {
    const plan = planGraph(model(name), { claims: 'epa' });
    const left = plan.nodes.filter((node) => node.why !== null);
    expect(new Set(left.map((node) => node.why))).toEqual(new Set(['only EPA calls and norms are taken']));
    const types = new Set(left.map((node) => node.opType));
    expect(types).not.toContain('organscope::EPA');
    expect(types).not.toContain('InstanceNormalization');
    expect(types).toContain('Conv');
    const ours = opsOf(plan);
    expect(ours.filter((op) => op.kind === 'epa')).toHaveLength(7);
    // Four down, two or three in encoder1 (its shortcut has a norm where the width changes), two in decoder2.
    expect(ours.filter((op) => op.kind === 'norm').map((op) => op.nodes.length)).toEqual(
      expect.arrayContaining([5, 5, 5, 5, 2, 2]),
    );
    expect(ours.every((op) => op.kind === 'epa' || op.kind === 'norm')).toBe(true);
  });

  it('gives one segment when nothing is taken', () => {
    const plan = planGraph(model('plain-sum'), { claims: 'none' });
    expect(kinds(plan)).toEqual(['segment']);
    expect(new Set(plan.nodes.map((node) => node.why))).toEqual(new Set(['kernels are off']));
  });

  it('knows the flavours of EPA apart, and tied matrices as one array', () => {
    const flavours = UNETRPP.map((name) => {
      const { steps } = planGraph(model(name), { claims: 'epa' });
      const op = steps.find((step) => step.kind === 'epa') as EngineOp & { kind: 'epa' };
      return [op.epa.e === op.epa.f, op.epa.eBias !== null, op.epa.output !== null];
    });
    expect(flavours).toEqual([
      [true, true, true],
      [false, true, true],
      [true, false, false],
    ]);
  });

  it('takes the convolutions of an ordinary U-Net with their norms, activations and sums', () => {
    const plan = planGraph(model('plain-unet'), { claims: 'all', softmax: true });
    const shown = plan.steps.map((step) => [step.kind, step.name]);
    expect(shown).toEqual([
      ['conv3d', 'enter.conv1'],
      ['conv3d', 'enter.conv2'],
      ['segment', 'segment 0'],
      ['conv3d', 'middle.conv1'],
      ['conv3d', 'middle.conv2'],
      ['segment', 'segment 1'],
      ['conv3d', 'bottom.conv1'],
      ['conv3d', 'bottom.conv2'],
      ['upsample', 'up1'],
      ['segment', 'segment 2'],
      ['upsample', 'up2'],
      ['segment', 'segment 3'],
      ['conv3d', 'leave.conv1'],
      ['conv3d', 'leave.conv2'],
      ['pointwise', 'head'],
    ]);
    const byName = new Map(opsOf(plan).map((op) => [op.name, op]));
    expect(byName.get('enter.conv1')).toMatchObject({ norm: { groups: 6 }, act: { slope: Math.fround(0.02) } });
    expect(byName.get('middle.conv1')).toMatchObject({ norm: null, act: { slope: 0 } });
    expect(byName.get('middle.conv2')).toMatchObject({ residual: byName.get('middle.conv1')?.y });
    expect(byName.get('bottom.conv1')).toMatchObject({ norm: { groups: 2 }, act: { slope: Math.fround(0.2) } });
    expect(byName.get('leave.conv1')).toMatchObject({ norm: { gamma: null, beta: null } });
    expect(byName.get('head')).toMatchObject({ softmax: true });
  });

  it('offers less when the engine vetoes, and leaves the node when nothing is accepted', {
    timeout: 60_000,
  }, async () => {
    const plan = planGraph(model('plain-unet'), {
      claims: 'all',
      accept: (op) => {
        if (op.kind === 'upsample') return 'no upsampling today';
        return 'norm' in op && op.norm?.groups === 2 ? 'no group norm today' : null;
      },
    });
    const bottom = opsOf(plan).find((op) => op.name === 'bottom.conv1');
    expect(bottom).toMatchObject({ norm: null, act: null });
    const why = plan.nodes.filter((node) => node.opType === 'ConvTranspose').map((node) => node.why);
    expect(why).toEqual(['no upsampling today', 'no upsampling today']);
    expectAllClose(await runPlan(plan, numbers('plain-unet.input.bin')), numbers('plain-unet.logits.bin'), 2e-5);
  });

  it('leaves a call whose EPA function is another one to ONNX Runtime', () => {
    const changed = model('shared-concat');
    const [epa] = changed.functions;
    const nodes = epa.nodes.filter((node) => node.opType !== 'LpNormalization');
    const plan = planGraph({ ...changed, functions: [{ ...epa, nodes }] }, { claims: 'all' });
    const call = plan.nodes.find((node) => node.opType === 'organscope::EPA');
    expect(call?.why).toBe('its EPA function is not one the kernel computes');
  });
});

describe('values and layouts', () => {
  it('are planar where ONNX Runtime or the caller touches them and channels last where kernels do', () => {
    const plan = planGraph(model('plain-unet'), { claims: 'all' });
    const layouts = (name: string) => [...(plan.values.get(name)?.layouts ?? [])].sort();
    expect(layouts('image')).toEqual(['channels-last', 'planar']); // from the caller, to enter.conv1
    expect(layouts('/enter/act/LeakyRelu_output_0')).toEqual(['channels-last']); // between two kernels
    expect(layouts('/enter/act_1/LeakyRelu_output_0')).toEqual(['channels-last', 'planar']); // to MaxPool and Concat
    expect(layouts('probabilities')).toEqual(['planar']); // from Softmax, to the caller
    const skip = plan.values.get('/enter/act_1/LeakyRelu_output_0');
    expect(skip).toMatchObject({ dims: [1, 6, 10, 12, 16], producer: 1, isOutput: false });
    expect(skip?.readers.map((step) => plan.steps[step].name)).toEqual(['segment 0', 'segment 3']);
  });

  it('leaves what it has no shapes for to ONNX Runtime instead of failing', () => {
    const blurred = model('plain-unet');
    const inputs = blurred.graph.inputs.map((v) => ({ ...v, dims: [1, 1, null, null, null] }));
    const graph = { ...blurred.graph, inputs };
    expect(kinds(planGraph({ ...blurred, graph }, { claims: 'all' }))).toEqual(['segment']);
    const inputDims = new Map([['image', [1, 1, 10, 12, 16]]]);
    expect(kinds(planGraph({ ...blurred, graph }, { claims: 'all', inputDims }))).toContain('conv3d');
  });
});

describe('the table', () => {
  it('says where every node went and why', () => {
    const table = planTable(planGraph(model('plain-unet'), { claims: 'all' }));
    expect(table).toMatch(/^0 +conv3d +enter\.conv1 +3 +1 -> 6, 10x12x16, bias, instance norm, leaky relu 0\.02$/m);
    expect(table).toMatch(/^9 +ONNX Runtime +segment 2 +2 +Slice, Add; 2 in, 1 out/m);
    expect(table).toMatch(/^45 nodes: 28 in kernels, 6 with ONNX Runtime, 11 not run\.$/m);
    expect(table).toMatch(/^1 +Conv: no kernel for 3x3x3 at stride 2x2x2 with padding 1x1x1x1x1x1 +\/strided\/Conv$/m);
  });
});
