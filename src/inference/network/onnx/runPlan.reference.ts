/** Runs a whole plan without a GPU: ops by their reference, segments in onnxruntime-web. For tests only. */
import * as ort from 'onnxruntime-web';
import type { Plan } from './ops';
import { runReference } from './plan.reference';

ort.env.logLevel = 'error';
ort.env.wasm.numThreads = 1;

/** @returns the first output of a plan with one input */
export async function runPlan(plan: Plan, input: Float32Array): Promise<Float32Array> {
  const values = new Map([[plan.inputs[0], input]]);
  for (const step of plan.steps) {
    if (step.kind !== 'segment') {
      runReference(step, values);
      continue;
    }
    const session = await ort.InferenceSession.create(step.model);
    const feeds = step.inputs.map((name) => {
      const data = values.get(name);
      if (!data) throw new Error(`${step.name} reads ${name}, which nothing has made yet.`);
      return [name, new ort.Tensor('float32', data, plan.values.get(name)?.dims ?? [])];
    });
    const made = await session.run(Object.fromEntries(feeds));
    for (const name of step.outputs) values.set(name, made[name].data as Float32Array);
    await session.release();
  }
  return values.get(plan.outputs[0]) as Float32Array;
}
