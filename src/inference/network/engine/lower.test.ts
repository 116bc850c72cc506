import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { planMemory } from '../../gpu/memory';
import { Recorder } from '../../gpu/recorder';
import type { Storage } from '../../gpu/storage';
import { decodeModel } from '../onnx/onnx';
import type { EngineOp } from '../onnx/ops';
import { planGraph } from '../onnx/plan';
import { planarBytes, recordOps } from './lower';
import { whyUnsupported } from './supports';

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
  recordOps(r, plan, plan.steps as readonly EngineOp[], ends.inputs, ends.outputs);
  const sum = (bytes: readonly number[]) => bytes.reduce((a, b) => a + b, 0);
  const ofKind = (kind: string) => sum(r.tensors.filter((t) => t.kind === kind).map((t) => t.bytes));
  return { temporaries: sum(planMemory(r).sizes), constants: ofKind('constant'), output: ofKind('output') };
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
