import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { afterAll, describe, expect, it } from 'vitest';
import { relativeError } from '../../testing/allClose';
import { openGpuDevice } from '../../testing/gpuDevice';
import { decodeModel } from '../graph/onnx';
import { planGraph } from '../graph/plan';
import { Engine, type OpenSegment } from './engine';
import { segmentsWithFallback } from './segmentFallback';
import { segmentsThroughCpu } from './segmentsThroughCpu';
import { whyUnsupported } from './supports';

ort.env.logLevel = 'error';
ort.env.wasm.numThreads = 1;

const device = await openGpuDevice();
afterAll(() => device.destroy());

const file = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../graph/fixtures/plain-unet.${name}`, import.meta.url)));
const numbers = (name: string) => new Float32Array(file(name).buffer);

/** A session that works, but whose runs can be made to go wrong; stands for one that shares the device. */
const sharedThat = (misbehave: (run: number) => void, on = device): OpenSegment => {
  return async (segment, plan) => {
    const session = await segmentsThroughCpu(on, ort)(segment, plan);
    let runs = 0;
    return {
      ...session,
      run(inputs) {
        misbehave(++runs);
        return session.run(inputs);
      },
    };
  };
};

async function open(shared: OpenSegment, on = device) {
  const why: string[] = [];
  // Nothing claimed: the whole network is one segment.
  const plan = planGraph(decodeModel(file('onnx')), { claims: 'none', accept: whyUnsupported });
  const openSegment = segmentsWithFallback(on, shared, segmentsThroughCpu(on, ort), (cause) => why.push(cause));
  return { why, engine: await Engine.open(on, plan, openSegment) };
}

const errorOf = (logits: Float32Array) => relativeError(logits, numbers('logits.bin')).rms;

describe('a segment', () => {
  it('stays on the device where sharing works', async () => {
    const { engine, why } = await open(sharedThat(() => {}));
    expect(errorOf(await engine.run(numbers('input.bin')))).toBeLessThan(1e-6);
    expect(why).toEqual([]);
    await engine.dispose();
  });

  it.each([
    ['cannot be opened on the device', () => Promise.reject(new Error('no such backend')), 'no such backend'],
    [
      'fails in its first run',
      sharedThat(() => {
        throw new Error('unknown buffer');
      }),
      'unknown buffer',
    ],
    [
      'upsets the device in its first run without noticing it',
      sharedThat(() => device.createBuffer({ size: 16, usage: 0, mappedAtCreation: false, label: 'foreign' })),
      'foreign',
    ],
  ] as [string, OpenSegment, string][])(
    'that %s moves to the CPU, says why once and gives the same numbers',
    async (_, shared, message) => {
      const { engine, why } = await open(shared);
      for (let window = 0; window < 2; window++) {
        expect(errorOf(await engine.run(numbers('input.bin')))).toBeLessThan(1e-6);
      }
      expect(why).toEqual([expect.stringContaining(message)]);
      await engine.dispose();
    },
  );

  it('that has worked before does not move when it fails', async () => {
    const failing = (run: number) => {
      if (run === 2) throw new Error('second run');
    };
    const { engine, why } = await open(sharedThat(failing));
    await engine.run(numbers('input.bin'));
    await expect(engine.run(numbers('input.bin'))).rejects.toThrow('second run');
    expect(why).toEqual([]);
    await engine.dispose();
  });

  it('of a lost device does not move', async () => {
    const lost = await openGpuDevice();
    const shared = sharedThat(() => {
      lost.destroy();
      throw new Error('gone');
    }, lost);
    const { engine, why } = await open(shared, lost);
    await expect(engine.run(numbers('input.bin'))).rejects.toThrow('gone');
    expect(why).toEqual([]);
  });
});
