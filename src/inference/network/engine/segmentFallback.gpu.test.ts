import { readFileSync } from 'node:fs';
import * as ort from 'onnxruntime-web';
import { afterAll, describe, expect, it } from 'vitest';
import type { Parameter } from '../../../core/messages';
import { relativeError } from '../../../testing/allClose';
import { openGpuDevice } from '../../../testing/gpuDevice';
import { countingDevice } from '../../../testing/gpuFaults';
import { OwnedDevice } from '../../gpu/ownedDevice';
import { decodeModel } from '../onnx/decode';
import { planGraph } from '../onnx/plan';
import { Engine, type OpenSegment } from './engine';
import { segmentsWithFallback } from './segmentFallback';
import { segmentsThroughCpu } from './segmentsThroughCpu';
import { whyUnsupported } from './supports';

ort.env.logLevel = 'error';
ort.env.wasm.numThreads = 1;

const device = await openGpuDevice();
const owned = new OwnedDevice(device);
afterAll(() => device.destroy());

const file = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../onnx/fixtures/plain-unet.${name}`, import.meta.url)));
const numbers = (name: string) => new Float32Array(file(name).buffer);

/** A session that works, but whose runs can be made to go wrong; stands for one that shares the device. */
const sharedThat = (misbehave: (run: number) => void, on = owned): OpenSegment => {
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

async function open(shared: OpenSegment, on = owned) {
  const why: Parameter[] = [];
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

  it('that upsets the device in a later run gives no numbers', async () => {
    const own = await openGpuDevice();
    const on = new OwnedDevice(own);
    const upsetting = (run: number) => {
      if (run === 2) own.createBuffer({ size: 16, usage: 0, label: 'foreign' });
    };
    const { engine, why } = await open(sharedThat(upsetting, on), on);
    expect(errorOf(await engine.run(numbers('input.bin')))).toBeLessThan(1e-6);
    await expect(engine.run(numbers('input.bin'))).rejects.toMatchObject({ code: 'gpu-error' });
    expect(why).toEqual([]);
    await engine.dispose();
    on.destroy();
  });

  it('that upsets the device when it is opened is closed there and moves', async () => {
    const closed: string[] = [];
    const upsetting: OpenSegment = async (segment, plan) => {
      const session = await segmentsThroughCpu(owned, ort)(segment, plan);
      device.createBuffer({ size: 16, usage: 0, label: 'weights' });
      return { ...session, dispose: async () => void closed.push(segment.name) };
    };
    const { engine, why } = await open(upsetting);
    expect(errorOf(await engine.run(numbers('input.bin')))).toBeLessThan(1e-6);
    expect([why, closed.length]).toEqual([[expect.stringContaining('weights')], 1]);
    await engine.dispose();
  });

  it('that does not open leaves nothing behind: what was opened before is closed, and the first error stays', async () => {
    const { counted, live } = countingDevice(device);
    const on = new OwnedDevice(counted);
    const plan = planGraph(decodeModel(file('onnx')), { claims: 'epa', accept: whyUnsupported });
    const closed: string[] = [];
    const opening: OpenSegment = async (segment) => {
      if (closed.length === 0 && live.size > 0) throw new Error(`${segment.name} does not open`);
      return {
        run: async () => new Map(),
        releaseOutputs: () => undefined,
        dispose: () => Promise.reject(new Error('closing')),
      };
    };
    await expect(Engine.open(on, plan, opening)).rejects.toThrow('does not open');
    expect(live.size).toBe(0);
  });

  it('of a lost device does not move', async () => {
    const lost = await openGpuDevice();
    const on = new OwnedDevice(lost);
    const shared = sharedThat(() => {
      lost.destroy();
      throw new Error('gone');
    }, on);
    const { engine, why } = await open(shared, on);
    await expect(engine.run(numbers('input.bin'))).rejects.toMatchObject({ code: 'gpu-lost' });
    expect(why).toEqual([]);
  });
});
