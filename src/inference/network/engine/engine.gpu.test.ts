import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { afterAll, describe, expect, it } from 'vitest';
import { relativeError } from '../../../testing/allClose';
import { toChannelsLast } from '../../../testing/channelsLast';
import { openGpuDevice } from '../../../testing/gpuDevice';
import { OwnedDevice } from '../../gpu/ownedDevice';
import { decodeModel } from '../onnx/decode';
import type { Claims } from '../onnx/ops';
import { planGraph } from '../onnx/plan';
import { Engine, type EngineOptions, groupSteps, type OpenSegment } from './engine';
import { segmentsThroughCpu } from './segmentsThroughCpu';
import { whyUnsupported } from './supports';

ort.env.logLevel = 'error';
ort.env.wasm.numThreads = 1;

const device = await openGpuDevice();
const owned = new OwnedDevice(device);
afterAll(() => device.destroy());

const folder = new URL('../onnx/fixtures/', import.meta.url);
const bytes = (file: string) => new Uint8Array(readFileSync(new URL(file, folder)));
const numbers = (file: string) => new Float32Array(bytes(file).buffer);

async function run(name: string, claims: Claims, openSegment: OpenSegment, options: EngineOptions = {}) {
  const plan = planGraph(decodeModel(bytes(`${name}.onnx`)), { claims, accept: whyUnsupported });
  const engine = await Engine.open(owned, plan, openSegment, options);
  try {
    const { logitsLayout } = engine;
    return { plan, logitsLayout, logits: await engine.run(numbers(`${name}.input.bin`)) };
  } finally {
    await engine.dispose();
  }
}

const noSegments: OpenSegment = (segment) => Promise.reject(new Error(`${segment.name} was not expected`));

describe('the engine computes what ONNX Runtime does', () => {
  it.each([
    ['shared-concat', 'channels-last'],
    ['separate-conv52', 'planar'],
    ['plain-sum', 'planar'],
  ] as const)('%s, every node claimed, %s', async (name, output) => {
    const { plan, logits, logitsLayout } = await run(name, 'all', noSegments, { output });
    expect(groupSteps(plan)).toHaveLength(1);
    expect(logitsLayout).toBe(output);
    const expected = numbers(`${name}.logits.bin`);
    const channels = plan.values.get(plan.outputs[0])?.dims?.[1] as number;
    const stored = output === 'planar' ? expected : toChannelsLast(expected, channels);
    // fp32 through some 40 layers.
    expect(relativeError(logits, stored).rms).toBeLessThan(1e-5);
  });

  it.each(['shared-concat', 'separate-conv52', 'plain-sum'])('%s, stored as halves', async (name) => {
    const { logits } = await run(name, 'all', noSegments, { storage: 'fp16', smallBytes: 0 });
    const { rms } = relativeError(logits, numbers(`${name}.logits.bin`));
    // All activations, though they are small here: 4.7e-4 to 6.2e-4 observed.
    expect(rms).toBeLessThan(2e-3);
    expect(rms).toBeGreaterThan(1e-5);
  });

  it.each([
    ['shared-concat', 'epa'],
    ['separate-conv52', 'epa'],
    ['plain-sum', 'epa'],
    ['plain-unet', 'epa'],
    ['plain-unet', 'all'],
    ['plain-unet', 'none'],
  ] as const)('%s, claims %s, the rest in ONNX Runtime', async (name, claims) => {
    const { plan, logits } = await run(name, claims, segmentsThroughCpu(owned, ort));
    expect(plan.steps.some((step) => step.kind === 'segment')).toBe(true);
    expect(relativeError(logits, numbers(`${name}.logits.bin`)).rms).toBeLessThan(1e-5);
  });
});
