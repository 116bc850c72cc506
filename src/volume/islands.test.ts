import { describe, expect, it } from 'vitest';
import { allAtOnce } from '../core/steps';
import type { Triple } from './grid';
import { dissolveIslands, largestIsland } from './islands';

/** The same by flood fill, voxel by voxel. */
function reference(data: Uint8Array, [nx, ny, nz]: Triple, least: readonly number[]): Uint8Array {
  const at = (x: number, y: number, z: number) =>
    x < 0 || y < 0 || z < 0 || x >= nx || y >= ny || z >= nz ? -1 : x + nx * (y + ny * z);
  const place = (i: number) => [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
  const near = (i: number, shared: (steps: number) => boolean) => {
    const [x, y, z] = place(i);
    const found: number[] = [];
    for (let dz = -1; dz <= 1; dz++)
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++)
          if (shared(Math.abs(dx) + Math.abs(dy) + Math.abs(dz))) found.push(at(x + dx, y + dy, z + dz));
    return found.filter((j) => j >= 0);
  };
  const seen = new Set<number>();
  const tooSmall: number[][] = [];
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0 || seen.has(i)) continue;
    const island = [i];
    seen.add(i);
    for (const member of island) {
      for (const j of near(member, (steps) => steps > 0)) {
        if (data[j] === data[i] && !seen.has(j)) island.push(j);
        if (data[j] === data[i]) seen.add(j);
      }
    }
    if (island.length < least[data[i]]) tooSmall.push(island);
  }
  const gone = new Set(tooSmall.flat());
  const result = data.slice();
  for (const island of tooSmall) {
    const faces = least.map(() => 0);
    for (const i of island) for (const j of near(i, (steps) => steps === 1)) if (!gone.has(j)) faces[data[j]]++;
    for (const i of island) result[i] = faces.indexOf(Math.max(...faces));
  }
  return result;
}

/** Draws 0 <= value < 1, the same ones each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const dissolved = (data: readonly number[], dimsXyz: Triple, least: readonly number[]) => {
  const labels = { data: Uint8Array.from(data), dimsXyz };
  allAtOnce(dissolveIslands(labels, least));
  return [...labels.data];
};

describe('dissolveIslands', () => {
  it('gives a speck to what surrounds it and keeps an island of the least size', () => {
    const slice = [
      ...[0, 0, 0, 0, 0, 0],
      ...[1, 1, 1, 0, 2, 0],
      ...[1, 2, 1, 0, 2, 0],
      ...[1, 1, 1, 0, 0, 2], // touches the two above at a corner
    ];
    const without = [...slice];
    without[13] = 1;
    expect(dissolved(slice, [6, 4, 1], [0, 3, 3])).toEqual(without);
    expect(dissolved(slice, [6, 4, 1], [0, 3, 1])).toEqual(slice);
  });

  it('makes background of islands that only border on each other, and leaves labels without a least size alone', () => {
    expect(dissolved([1, 2, 1], [3, 1, 1], [0, 5, 5])).toEqual([0, 0, 0]);
    expect(dissolved([1, 2, 1], [3, 1, 1], [0, 5, 0])).toEqual([2, 2, 2]);
    expect(dissolved([3, 0, 3], [3, 1, 1], [0, 5])).toEqual([3, 0, 3]);
  });

  it.each<[Triple, number]>([
    [[7, 5, 6], 2],
    [[1, 9, 11], 3],
    [[13, 1, 4], 3],
    [[6, 8, 1], 4],
    [[1, 1, 17], 2],
    [[16, 15, 14], 5],
    [[16, 15, 14], 40], // mostly one label's noise
  ])('does what a flood fill does: %j, %i labels', (dimsXyz, classes) => {
    const draw = random(dimsXyz[0] * 1000 + classes);
    for (let round = 0; round < 20; round++) {
      // Blocks of random size, so that islands of many sizes occur.
      const scale = 1 + Math.floor(draw() * 3);
      const values = Array.from({ length: 5000 }, () => (draw() < 0.4 ? 0 : Math.floor(draw() * classes)));
      const [nx, ny, nz] = dimsXyz;
      const data = Uint8Array.from({ length: nx * ny * nz }, (_, i) => {
        const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))].map((v) =>
          Math.floor(v / scale),
        );
        return values[x + 17 * (y + 17 * z)];
      });
      const least = Array.from({ length: classes }, () => Math.floor(draw() * 30));
      expect(dissolved([...data], dimsXyz, least)).toEqual([...reference(data, dimsXyz, least)]);
    }
  });
});

describe('largestIsland', () => {
  const dimsXyz: Triple = [7, 6, 5];
  const grid = (...voxels: [x: number, y: number, z: number, label: number][]) => {
    const data = new Uint8Array(7 * 6 * 5);
    for (const [x, y, z, label] of voxels) data[x + 7 * (y + 6 * z)] = label;
    return { data, dimsXyz };
  };

  it('is one across labels and corners', () => {
    const bridge = grid([1, 1, 1, 2], [2, 2, 2, 5], [3, 1, 1, 9], [6, 5, 4, 2], [6, 4, 4, 2]);
    expect(allAtOnce(largestIsland(bridge))).toEqual({ startXyz: [1, 1, 1], dimsXyz: [3, 2, 2], voxels: 3 });
  });

  it('of equals is the first', () => {
    const equals = grid([5, 0, 0, 1], [6, 0, 0, 1], [0, 5, 0, 1], [0, 4, 0, 1]);
    expect(allAtOnce(largestIsland(equals))).toEqual({ startXyz: [5, 0, 0], dimsXyz: [2, 1, 1], voxels: 2 });
  });

  it('does not go on from the end of one row to the start of the next', () => {
    expect(allAtOnce(largestIsland(grid([6, 0, 0, 1], [0, 1, 0, 1], [1, 1, 0, 1])))?.startXyz).toEqual([0, 1, 0]);
  });

  it('is null where nothing is labelled, and all of it where everything is', () => {
    expect(allAtOnce(largestIsland(grid()))).toBeNull();
    const full = { data: new Uint8Array(7 * 6 * 5).fill(3), dimsXyz };
    expect(allAtOnce(largestIsland(full))).toEqual({ startXyz: [0, 0, 0], dimsXyz, voxels: 210 });
  });
});
