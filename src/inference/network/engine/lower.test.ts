import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { planPool } from '../../gpu/pool';
import { Recorder } from '../../gpu/recorder';
import type { Storage } from '../../gpu/storage';
import { type Conv3dPlan, conv3dKey, planConv3d } from '../kernels/conv3d/plan';
import { decodeModel } from '../onnx/decode';
import type { EngineOp } from '../onnx/ops';
import { planGraph } from '../onnx/plan';
import { recordOps } from './lower';
import { whyUnsupported } from './supports';
import { planarBytes } from './values';

/** Bytes of a network that the kernels run alone, recorded but never compiled. */
function plannedBytes(fixture: string, storage: Storage, smallBytes?: number) {
  const model = new Uint8Array(readFileSync(new URL(`../onnx/fixtures/${fixture}.onnx`, import.meta.url)));
  const plan = planGraph(decodeModel(model), { claims: 'all', accept: whyUnsupported });
  const r = new Recorder({ storage, smallBytes });
  const [input, output] = [plan.inputs[0], plan.outputs[0]].map((name) => {
    const value = plan.values.get(name);
    if (!value) throw new Error(`no ${name}`);
    return { name, bytes: planarBytes(value) };
  });
  const ends = {
    inputs: new Map([[input.name, r.input(input.name, input.bytes)]]),
    outputs: new Map([[output.name, r.output(output.name, output.bytes)]]),
  };
  recordOps(r, plan, plan.steps as readonly EngineOp[], ends);
  const sum = (bytes: readonly number[]) => bytes.reduce((a, b) => a + b, 0);
  const ofKind = (kind: string) => sum(r.tensors.filter((t) => t.kind === kind).map((t) => t.bytes));
  return { temporaries: sum(planPool(r).sizes), constants: ofKind('constant'), output: ofKind('output') };
}

it('halves the memory of what kernels hand to each other, not of what leaves the engine', () => {
  const [full, half] = [plannedBytes('separate-conv52', 'fp32'), plannedBytes('separate-conv52', 'fp16', 0)];
  // Statistics and partial sums stay fp32; on this small grid they are 2 % of the memory.
  expect(half.temporaries / full.temporaries).toBeLessThan(0.53);
  expect(half.constants).toBeLessThan(0.9 * full.constants);
  expect(half.output).toBe(full.output);
});

it('leaves small activations in fp32, whose rounding would add up for little memory', () => {
  const [full, mixed] = [plannedBytes('separate-conv52', 'fp32'), plannedBytes('separate-conv52', 'fp16')];
  expect(mixed.temporaries).toBe(full.temporaries);
  expect(mixed.constants).toBeLessThan(0.9 * full.constants);
});

it('gives a convolution the plan that was measured for its shape, and only that', () => {
  const model = new Uint8Array(readFileSync(new URL('../onnx/fixtures/separate-conv52.onnx', import.meta.url)));
  const plan = planGraph(decodeModel(model), { claims: 'all', accept: whyUnsupported });
  const conv = plan.steps.find((step) => step.kind === 'conv3d' && step.cin > 1);
  if (conv?.kind !== 'conv3d') throw new Error('The fixture has no convolution of several channels.');
  const key = conv3dKey(conv.dhw, conv.cin, conv.cout);
  const tuned = { ...planConv3d(conv.dhw, Math.ceil(conv.cin / 4), Math.ceil(conv.cout / 4), 16), voxels: 1 };
  const codes = (conv3dPlans?: ReadonlyMap<string, Conv3dPlan>) => {
    const r = new Recorder();
    const ends = { inputs: new Map([[plan.inputs[0], r.input('x', 16)]]), outputs: new Map() };
    recordOps(r, plan, plan.steps as readonly EngineOp[], { ...ends, conv3dPlans });
    return r.steps.filter(({ kernel }) => kernel.label.includes('conv3d')).map(({ kernel }) => kernel);
  };
  const [plain, measured] = [codes(), codes(new Map([[key, tuned]]))];
  const changed = measured.filter(({ code }, i) => code !== plain[i].code);
  expect(changed.length).toBeGreaterThan(0);
  for (const { label, code } of changed) {
    expect(label).toContain(`${conv.cin}->${conv.cout}`);
    expect(code).toContain('const VX = 1u;');
  }
  expect(changed.length).toBeLessThan(plain.length);
});
