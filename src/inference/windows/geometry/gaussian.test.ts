import { describe, expect, it } from 'vitest';
import { gaussianWeights, normalizedWeights } from './gaussian';
import { windowStarts } from './starts';

describe('gaussianWeights', () => {
  it('is 1 at floor(patch / 2), symmetric around it, and never 0', () => {
    for (const patch of [13, 16, 17, 64]) {
      const weights = gaussianWeights(patch, 1 / 8);
      const centre = Math.floor(patch / 2);
      expect(weights[centre]).toBe(1);
      expect(Math.min(...weights)).toBeGreaterThan(0);
      for (let i = 1; centre + i < patch; i++) expect(weights[centre + i]).toBe(weights[centre - i]);
    }
  });
  it('falls to exp(-8) at the rim: 4 sigma from the centre', () => {
    expect(gaussianWeights(64, 1 / 8)[0]).toBeCloseTo(Math.exp(-8), 12);
  });
});

describe('normalizedWeights', () => {
  it.each([
    [13, 13, 0.5],
    [17, 13, 0.5],
    [23, 13, 0.25],
    [110, 64, 0.5],
    [65, 64, 1],
  ])('of all windows sum to 1 at every one of %i voxels (patch %i, step %f)', (size, patch, step) => {
    const starts = windowStarts(size, patch, step);
    const sum = new Float64Array(size);
    normalizedWeights(starts, patch, size, 1 / 8).forEach((weights, window) => {
      weights.forEach((weight, i) => {
        sum[starts[window] + i] += weight;
      });
    });
    for (const total of sum) expect(total).toBeCloseTo(1, 12);
  });

  it('keep the proportions of the 3-D Gaussian: per-axis and joint normalisation agree', () => {
    const [patch, size] = [13, 23];
    const starts = windowStarts(size, patch, 0.5);
    const gaussian = gaussianWeights(patch, 1 / 8);
    const tables = normalizedWeights(starts, patch, size, 1 / 8);
    // Joint weight of windows (i, j) at voxel (v, u), in two dimensions, directly from the definition.
    for (const [v, u] of [
      [7, 12],
      [11, 11],
    ]) {
      const at = (window: number, voxel: number) => gaussian[voxel - starts[window]] ?? 0;
      let all = 0;
      for (const i of starts.keys()) for (const j of starts.keys()) all += at(i, v) * at(j, u);
      const joint = (at(1, v) * at(0, u)) / all;
      expect((tables[1][v - starts[1]] ?? 0) * (tables[0][u - starts[0]] ?? 0)).toBeCloseTo(joint, 12);
    }
  });
});
