import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { say } from '../../../locales/say';
import { saying } from '../../../testing/saying';
import type { Triple } from '../../../volume/grid';
import { padToPatch, windowStarts } from '../geometry/starts';
import { linearTaps } from '../geometry/taps';
import { planMemory, splitRows } from './memoryPlan';

const MIB = 2 ** 20;
/** What WebGPU promises everywhere. */
const LOWEST = { maxBufferSize: 256 * MIB, maxStorageBufferBindingSize: 128 * MIB };
const LARGE = { maxBufferSize: 4096 * MIB, maxStorageBufferBindingSize: 4096 * MIB - 4 };

function job(dimsDhw: Triple, patchDhw: Triple, classes: number, channels = 1) {
  const { paddedDhw, belowDhw } = padToPatch(dimsDhw, patchDhw);
  const perAxis = <T>(make: (axis: number) => T) => [make(0), make(1), make(2)] as [T, T, T];
  return {
    ...{ channels, classes, dimsDhw, patchDhw, paddedDhw, belowDhw },
    starts: perAxis((axis) => windowStarts(paddedDhw[axis], patchDhw[axis], 0.5)),
    taps: perAxis((axis) => linearTaps(dimsDhw[axis], dimsDhw[axis], belowDhw[axis])),
  };
}

const network = (bytesAllocated: number, usesOnnxRuntime = false) => ({ bytesAllocated, usesOnnxRuntime });

const ct = job([300, 512, 512], [64, 128, 128], 14);

describe('the memory plan', () => {
  // What the published networks take in fp32: weights, inputs, outputs and pooled feature maps, as the engine plans them.
  it.each([
    ['Synapse network, the lowest limits', 456_170_464, LOWEST, '32-bit'],
    ['Synapse network, large limits', 456_170_464, LARGE, '32-bit'],
    ['Lung network, the lowest limits', 753_994_800, LOWEST, '16-bit'],
    ['Lung network, large limits', 753_994_800, LARGE, '16-bit'],
  ])('keeps a 512 x 512 x 300 CT with 14 classes below 2 GB: %s', (_, networkBytes, limits, sums) => {
    const plan = planMemory(ct, network(networkBytes), limits);
    expect(plan.bytes).toBeLessThanOrEqual(2e9);
    expect(Object.values(plan.parts).reduce((total, part) => total + part, 0)).toBe(plan.bytes);
    for (const [from, to] of plan.ringBands) {
      const bytes = (to - from) * plan.ringDepth * 512 * (plan.half ? 32 : 64);
      expect(bytes).toBeLessThanOrEqual(limits.maxStorageBufferBindingSize);
    }
    expect(say(plan.text)).toContain(`${(plan.bytes / 1e9).toFixed(2)} GB (class probabilities`);
    expect(say(plan.text)).toContain(sums);
  });

  it('says that ONNX Runtime takes more where it runs a part of the network', () => {
    const text = (usesOnnxRuntime: boolean) => say(planMemory(ct, network(0, usesOnnxRuntime), LARGE).text);
    expect(text(true)).toBe(`${text(false)} ONNX Runtime takes more for its part of the network.`);
  });

  it('does not grow with the number of slices', () => {
    const tables = 12 * 1700;
    const windows = 2 * 4 * 9 * 7 * 7 * 7;
    const longer = planMemory(job([2000, 512, 512], [64, 128, 128], 14), network(750e6), LARGE);
    expect(longer.bytes - planMemory(ct, network(750e6), LARGE).bytes).toBeLessThan(tables + windows);
  });

  it('sums in 32 bits while they fit the budget, in 16 when not', () => {
    const exact = planMemory(ct, network(0), LARGE, { sums: 'f32' });
    expect(exact.half).toBe(false);
    expect(planMemory(ct, network(0), LARGE, { budget: exact.bytes }).half).toBe(false);
    const smaller = planMemory(ct, network(0), LARGE, { budget: exact.bytes - 1 });
    expect(smaller.half).toBe(true);
    expect(smaller.parts.probabilities).toBe(exact.parts.probabilities / 2);
  });

  it('counts a short scan by its own planes, the probabilities by the window', () => {
    const plan = planMemory(job([5, 32, 32], [16, 32, 32], 4), network(0), LARGE);
    expect([plan.valueDepth, plan.ringDepth]).toEqual([5, 16]);
    expect([plan.parts.scan, plan.parts.probabilities]).toEqual([5 * 32 * 32 * 4, 16 * 32 * 32 * 16]);
  });

  it.each([
    ['the budget', { budget: 1e9 }, LARGE, /2\.\d\d GB.*at most 1\.00 GB/],
    ['what one row needs', {}, { maxBufferSize: MIB, maxStorageBufferBindingSize: MIB }, /than this adapter gives/],
  ])('refuses a volume beyond %s in a sentence with its size', (_, options, limits, words) => {
    const huge = job([300, 1024, 1024], [64, 128, 128], 14);
    const refused = () => planMemory(huge, network(100e6), limits, options);
    expect(refused).toThrow(expect.objectContaining({ name: 'InvalidInputError', code: 'graphics-memory-budget' }));
    expect(refused).toThrow(saying(words));
    expect(refused).toThrow(saying(/300 x 1024 x 1024 voxels, 14 classes/));
  });
});

describe('splitRows', () => {
  it.each([
    [17, 2000, 1, '0-17'],
    [9, 500, 1, '0-5 4-9'],
    [10, 500, 0, '0-5 5-10'],
    [17, 600, 1, '0-5 4-9 8-13 12-17'],
    [17, 100, 1, undefined],
  ])('of %i rows of 100 bytes into %i bytes with %i shared gives %s', (rows, limit, overlap, bands) => {
    expect(
      splitRows(rows, 100, limit, overlap)
        ?.map((band) => band.join('-'))
        .join(' '),
    ).toBe(bands);
  });

  it('covers every row and every pair of neighbours within the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 2, max: 40 }), (rows, most) => {
        const bands = splitRows(rows, 7, 7 * most + 3, 1) as [number, number][];
        for (const [from, to] of bands) expect(to - from).toBeLessThanOrEqual(most);
        for (let row = 0; row < rows; row++) {
          const next = Math.min(rows - 1, row + 1);
          expect(bands.some(([from, to]) => from <= row && next < to)).toBe(true);
        }
      }),
    );
  });
});
