import { describe, expect, it, vi } from 'vitest';
import packageFile from '../../../package.json' with { type: 'json' };
import type { Manifest } from '../../models/manifest';
import { saying } from '../../testing/saying';
import { manifest, thresholds } from '../../testing/thresholdNetwork';
import { measurementsInMemory } from '../gpu/measurements';
import { CpuWindows } from '../windows/cpu/cpuWindows';
import {
  compareWindow,
  forgetAnswer,
  keepAnswer,
  keptAnswer,
  referenceOf,
  requirePassed,
  testPositions,
  testWindow,
} from './selfTest';

const patchDhw = [8, 10, 12] as const;
const described = manifest([...patchDhw]);
const weights = { sha256: 'abc' } as Manifest['weights'];

/** What the network of `thresholds` says. */
async function reference(): Promise<number[]> {
  const logits = await thresholds().run(testWindow(1, patchDhw), patchDhw);
  return testPositions(200, logits.length).map((i) => logits[i]);
}

describe('the window', () => {
  it('is the one of unetrpp/inference/self_test.py, to the bit', () => {
    const values = testWindow(2, [9, 10, 11]);
    expect([0, 1, 7, 8, 500, 989, 990, 1979].map((i) => values[i] * 2 ** 18)).toEqual([
      112734, 133548, 119079, 134425, 119141, 140187, 115844, 177230,
    ]);
    expect(testPositions(200, 5940).slice(0, 6)).toEqual([0, 4201, 5626, 3887, 5312, 797]);
  });
});

describe('the self-test of a device', () => {
  it('passes a device that says what the model says', async () => {
    const answer = await compareWindow(new CpuWindows(thresholds()), described, await reference(), 'fp32');
    expect(answer).toMatchObject({ outcome: 'passed', provider: { provider: 'wasm' }, precision: 'fp32' });
    expect(answer.error).toBeLessThan(1e-6);
    expect(() => requirePassed(answer)).not.toThrow();
  });

  /** Adds to every so many logits of the first `until`. */
  const adding = (value: number, every: number, until: number) => (logits: Float32Array) => {
    for (let i = 0; i < until; i += every) logits[i] += value;
  };
  it.each([
    ['one logit in fifty off', adding(9, 50, 2880)],
    ['a whole class shifted by little', adding(1, 1, 960)],
  ])('finds out one that does not: %s', async (_, spoil) => {
    const backend = thresholds();
    const run = backend.run.bind(backend);
    backend.run = async (patch, dims) => {
      const logits = await run(patch, dims);
      spoil(logits);
      return logits;
    };
    const answer = await compareWindow(new CpuWindows(backend), described, await reference(), 'fp32');
    expect(answer.outcome).toBe('failed');
    expect(answer.error).toBeGreaterThan(answer.tolerance as number);
    expect(() => requirePassed(answer)).toThrow(saying('something else than the network means'));
  });

  it('is kept by version of the page, weights, provider and precision until it is forgotten', async () => {
    const kept = measurementsInMemory();
    const set = vi.spyOn(kept, 'set');
    const answer = await compareWindow(new CpuWindows(thresholds()), described, await reference(), 'fp32');
    await keepAnswer(kept, { weights }, answer);
    expect(set).toHaveBeenCalledExactlyOnceWith(`self-test, ${packageFile.version} abc wasm fp32`, answer);
    expect(await keptAnswer(kept, { weights }, answer.provider, 'fp32')).toEqual(answer);
    expect(await keptAnswer(kept, { weights }, answer.provider, 'fp16')).toBeNull();
    expect(await keptAnswer(kept, { weights }, { ...answer.provider, provider: 'wgsl' }, 'fp32')).toBeNull();
    expect(await keptAnswer(kept, { weights: { ...weights, sha256: 'x' } }, answer.provider, 'fp32')).toBeNull();
    await forgetAnswer(kept, { weights }, answer.provider, 'fp32');
    expect(await keptAnswer(kept, { weights }, answer.provider, 'fp32')).toBeNull();
  });

  it('compares with nothing that other weights said', () => {
    expect(referenceOf({ weights })).toBeNull();
    expect(referenceOf({ weights, selfTest: { weights: 'other', logits: [1] } })).toBeNull();
    expect(referenceOf({ weights, selfTest: { weights: 'abc', logits: [1] } })).toEqual([1]);
  });
});
