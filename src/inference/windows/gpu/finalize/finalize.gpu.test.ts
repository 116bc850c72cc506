import { afterAll, describe, expect, it } from 'vitest';
import { randomNormal } from '../../../../testing/allClose';
import { toChannelsLast } from '../../../../testing/channelsLast';
import { openGpuDevice } from '../../../../testing/gpuDevice';
import { nearestTaps } from '../../../../testing/nearestTaps';
import { runOnce } from '../../../../testing/runOnce';
import type { Triple } from '../../../../volume/grid';
import { linearTaps, type Taps } from '../../geometry/taps';
import { finalizeKernel, labelWords, tapWords } from './finalize';
import { finalizeReference } from './finalize.reference';

const device = await openGpuDevice();
afterAll(() => device.destroy());

const linear = ([z, y, x]: Triple, from: Triple): [Taps, Taps, Taps] => [
  linearTaps(z, from[0]),
  linearTaps(y, from[1]),
  linearTaps(x, from[2]),
];

const CASES: Record<string, { grid: Triple; taps: [Taps, Taps, Taps]; classes: number }> = {
  'a finer grid': { grid: [5, 9, 7], taps: linear([13, 17, 23], [5, 9, 7]), classes: 5 },
  'a coarser grid': { grid: [13, 17, 23], taps: linear([5, 9, 7], [13, 17, 23]), classes: 3 },
  'the same grid': { grid: [5, 9, 8], taps: linear([5, 9, 8], [5, 9, 8]), classes: 17 },
  'nearest along z': { grid: [5, 9, 7], taps: [nearestTaps(12, 5), linearTaps(5, 9), linearTaps(9, 7)], classes: 4 },
  'grids of one voxel': { grid: [1, 1, 1], taps: linear([3, 1, 2], [1, 1, 1]), classes: 2 },
};

/** Labels by bands [first row of the ring, end) with the output rows [from, to) of each. */
async function run(
  { grid, taps, classes, threshold, counted }: (typeof CASES)[string] & { threshold?: number; counted?: boolean },
  data: Float32Array,
  bands: readonly { ring: readonly [number, number]; rows: readonly [number, number] }[],
) {
  const [depth, height, width] = grid;
  const [NZ, NY, NX] = taps.map(({ lower }) => lower.length);
  const quads = labelWords(NX);
  const [words] = await runOnce(device, (r) => {
    const out = r.output('labels', NZ * NY * quads * 4);
    const table = r.constant('taps', tapWords(taps));
    for (const { ring, rows } of bands) {
      const [row0, end] = ring;
      const held = new Float32Array((depth * (end - row0) * width * data.length) / (depth * height * width));
      const rowSize = held.length / (depth * (end - row0));
      for (let z = 0; z < depth; z++) {
        held.set(
          data.subarray((z * height + row0) * rowSize, (z * height + end) * rowSize),
          z * (end - row0) * rowSize,
        );
      }
      const shape = { classes, ring: depth, width, half: false, taps, threshold, counted };
      const kernel = finalizeKernel(shape, NZ, rows[1] - rows[0]);
      const slab = r.constant('slab', Uint32Array.of(0, rows[0], row0, end - row0), true);
      r.dispatch(kernel, [slab, table, r.constant('ring', held), out]);
    }
    return [{ tensor: out, length: NZ * NY * quads }];
  });
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.length * 4);
  return Array.from({ length: NZ * NY * NX }, (_, i) => bytes[Math.floor(i / NX) * quads * 4 + (i % NX)]);
}

describe('the finalize kernel', () => {
  it.each(Object.entries(CASES))('interpolates to %s and takes the first largest class', async (_, c) => {
    const { grid, taps, classes } = c;
    const voxels = grid[0] * grid[1] * grid[2];
    const planar = randomNormal(classes * voxels, 5).map(Math.abs);
    const p = Array.from(
      { length: voxels * classes },
      (_, i) => planar[(i % classes) * voxels + Math.floor(i / classes)],
    );
    const { labels, lead } = finalizeReference(p, grid, classes, taps);
    const rows = taps[1].lower.length;
    const found = await run(c, toChannelsLast(planar, classes), [{ ring: [0, grid[1]], rows: [0, rows] }]);
    // Where two classes are as good as equal, rounding decides.
    expect(found.filter((label, i) => label !== labels[i] && lead[i] > 1e-6)).toEqual([]);
    if (voxels > 1) expect(new Set(found).size).toBe(classes);
  });

  it('gives the same labels from two bands that share a row', async () => {
    const c = CASES['a finer grid'];
    const data = toChannelsLast(randomNormal(5 * 5 * 9 * 7, 5).map(Math.abs), 5);
    const whole = await run(c, data, [{ ring: [0, 9], rows: [0, 17] }]);
    const first = c.taps[1].lower.findIndex((row) => row >= 4);
    const halves = await run(c, data, [
      { ring: [0, 5], rows: [0, first] },
      { ring: [4, 9], rows: [first, 17] },
    ]);
    expect(halves).toEqual(whole);
  });

  it('interpolates logits, negative ones too, beside a channel of weights', async () => {
    const c = CASES['nearest along z'];
    const logits = randomNormal(4 * 5 * 9 * 7, 6).map((v) => v - 9);
    const p = Array.from({ length: logits.length }, (_, i) => logits[(i % 4) * 315 + Math.floor(i / 4)]);
    const { labels, lead } = finalizeReference(p, c.grid, 4, c.taps);
    // four classes fill a group; the weights, larger than any logit, lie in the next
    const held = Float32Array.from({ length: 315 * 8 }, (_, i) => (i % 8 < 4 ? p[Math.floor(i / 8) * 4 + (i % 8)] : 7));
    const found = await run({ ...c, counted: true }, held, [{ ring: [0, 9], rows: [0, 5] }]);
    expect(found.filter((label, i) => label !== labels[i] && lead[i] > 1e-5)).toEqual([]);
    expect(new Set(found).size).toBe(4);
  });

  it('names the last region above the threshold', async () => {
    const taps = linear([1, 1, 5], [1, 1, 5]);
    const data = Float32Array.from(
      [
        [0.6, 0.2, 0.1],
        [0.6, 0.7, 0.1],
        [0.6, 0.7, 0.9],
        [0.5, 0.5, 0.5],
        [0.1, 0.2, 0.6],
      ].flatMap((p) => [...p, 9]),
    );
    const c = { grid: [1, 1, 5] as Triple, taps, classes: 3, threshold: 0.5 };
    expect(await run(c, data, [{ ring: [0, 1], rows: [0, 1] }])).toEqual([1, 2, 3, 0, 3]);
  });

  it('takes the first of equal classes, and never a padding channel', async () => {
    const taps = linear([1, 1, 3], [1, 1, 3]);
    const data = Float32Array.from([0.5, 0.5, 0, 0, 0.2, 0.4, 0.4, 0, 0, 0, 0, 0]);
    expect(await run({ grid: [1, 1, 3], taps, classes: 3 }, data, [{ ring: [0, 1], rows: [0, 1] }])).toEqual([0, 1, 0]);
  });
});
