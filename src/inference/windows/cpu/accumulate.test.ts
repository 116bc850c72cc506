import { describe, expect, it } from 'vitest';
import type { Triple } from '../../../volume/grid';
import { normalizedWeights } from '../geometry/gaussian';
import { windowStarts } from '../geometry/starts';
import { accumulateWindow, clearPlanes, emptyProbabilities, settlePlanes } from './accumulate';

describe('accumulateWindow', () => {
  it('averages to probabilities that sum to 1 at every voxel, at awkward sizes', () => {
    const dims: Triple = [13, 17, 23];
    const patch: Triple = [8, 13, 11];
    const starts = dims.map((size, axis) => windowStarts(size, patch[axis], 0.5));
    const weights = dims.map((size, axis) => normalizedWeights(starts[axis], patch[axis], size, 1 / 8));
    const sum = emptyProbabilities(dims, 3);
    let seed = 1;
    for (const [i, z] of starts[0].entries())
      for (const [j, y] of starts[1].entries())
        for (const [k, x] of starts[2].entries()) {
          const logits = Float32Array.from({ length: 3 * 8 * 13 * 11 }, () => {
            seed = (seed * 16807) % 2147483647;
            return (seed / 2147483647 - 0.5) * 40;
          });
          accumulateWindow(sum, logits, [z, y, x], [weights[0][i], weights[1][j], weights[2][k]]);
        }
    for (let v = 0; v < 13 * 17 * 23; v++) {
      // float32 sums of up to 27 windows
      expect(sum.data[3 * v] + sum.data[3 * v + 1] + sum.data[3 * v + 2]).toBeCloseTo(1, 5);
    }
  });

  it('puts softmax(logits) where the window lies, and nothing elsewhere', () => {
    const sum = emptyProbabilities([2, 3, 4], 2);
    const one = new Float64Array([1]);
    accumulateWindow(sum, new Float32Array([0, Math.log(3)]), [1, 2, 3], [one, one, one]);
    expect(sum.data[2 * 23]).toBeCloseTo(0.25, 6);
    expect(sum.data[2 * 23 + 1]).toBeCloseTo(0.75, 6);
    expect(sum.data.filter((value) => value !== 0)).toHaveLength(2);
  });

  it('survives logits whose exponentials overflow', () => {
    const sum = emptyProbabilities([1, 1, 1], 2);
    const one = new Float64Array([1]);
    accumulateWindow(sum, new Float32Array([1000, 999]), [0, 0, 0], [one, one, one]);
    expect(sum.data[0]).toBeCloseTo(1 / (1 + Math.exp(-1)), 6);
  });
});

describe('a ring of planes', () => {
  it('holds plane z at z modulo its depth, and forgets only the planes that are cleared', () => {
    const sum = emptyProbabilities([3, 1, 1], 2);
    const one = new Float64Array([1]);
    for (const z of [0, 1, 2]) accumulateWindow(sum, new Float32Array([z, 0]), [z, 0, 0], [one, one, one]);
    const before = [...sum.data];
    clearPlanes(sum, 3, 5); // planes 3 and 4 take the places of 0 and 1
    expect([...sum.data]).toEqual([0, 0, 0, 0, ...before.slice(4)]);
    accumulateWindow(sum, new Float32Array([0, 0]), [4, 0, 0], [one, one, one]);
    expect([...sum.data]).toEqual([0, 0, 0.5, 0.5, ...before.slice(4)]);
  });
});

describe('windows with a least weight', () => {
  it('weigh max(product, floor), divided by what all windows weigh there', () => {
    const sum = emptyProbabilities([1, 1, 3], 1, true);
    const one = new Float64Array([1]);
    const how = { activation: 'none', share: 1, floor: 0.5 } as const;
    accumulateWindow(sum, new Float32Array([10, 20]), [0, 0, 0], [one, one, new Float64Array([1, 0.25])], how);
    accumulateWindow(sum, new Float32Array([40, 50]), [0, 0, 1], [one, one, new Float64Array([2, 0.125])], how);
    settlePlanes(sum, [0, 1], 'none');
    expect([...sum.data]).toEqual([10, (0.5 * 20 + 2 * 40) / 2.5, 50]);
  });
});

describe('settlePlanes', () => {
  it('applies the activation to the averages, once, on the planes named only', () => {
    const sum = emptyProbabilities([2, 1, 1], 2);
    const one = new Float64Array([1]);
    for (const z of [0, 1]) {
      for (const logit of [Math.log(2), Math.log(8)]) {
        const how = { activation: 'none', share: 0.5 } as const;
        accumulateWindow(sum, new Float32Array([0, logit]), [z, 0, 0], [one, one, one], how);
      }
    }
    settlePlanes(sum, [1, 2], 'softmax');
    // softmax(mean of logits) = softmax(0, log 4), which is not the mean of the softmaxes
    expect([...sum.data].map((v) => Number(v.toFixed(6)))).toEqual([0, Number(Math.log(4).toFixed(6)), 0.2, 0.8]);
    settlePlanes(sum, [0, 1], 'sigmoid');
    expect([...sum.data].slice(0, 2).map((v) => Number(v.toFixed(6)))).toEqual([0.5, 0.8]);
  });
});
