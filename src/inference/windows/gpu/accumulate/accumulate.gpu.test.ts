import { afterAll, describe, expect, it } from 'vitest';
import { expectAllClose, randomNormal } from '../../../../testing/allClose';
import { toChannelsLast } from '../../../../testing/channelsLast';
import { openGpuDevice } from '../../../../testing/gpuDevice';
import { runOnce } from '../../../../testing/runOnce';
import type { Triple } from '../../../../volume/grid';
import type { Activation } from '../../contract';
import { type Mirror, mirrorBits, mirrored, NOT_MIRRORED, reordered } from '../../geometry/mirror';
import { probabilityBytes } from '../ring';
import { windowParams } from '../windowParams';
import { accumulateKernel, NOT_FINITE, VARIES } from './accumulate';
import { accumulateReference } from './accumulate.reference';

const device = await openGpuDevice();
afterAll(() => device.destroy());

/** IEEE half to number; enough for values in [0, 2). */
function fromHalf(bits: number): number {
  const [exponent, mantissa] = [(bits >> 10) & 31, bits & 1023];
  return exponent === 0 ? mantissa * 2 ** -24 : (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

interface Case {
  readonly classes: number;
  readonly grid: Triple;
  readonly patch: Triple;
  readonly starts: readonly Triple[];
  readonly planar?: boolean;
  readonly half?: boolean;
  /** Rows of the grid that are held; all by default. */
  readonly band?: readonly [number, number];
  readonly activation?: Activation;
  readonly floor?: number;
  readonly mirror?: Mirror;
  readonly exchange?: readonly number[];
}

const CASES: Record<string, Case> = {
  '3 classes, two windows that overlap': {
    ...{ classes: 3, grid: [5, 17, 23], patch: [5, 9, 7] },
    starts: [
      [0, 3, 11],
      [0, 8, 9],
    ],
  },
  '17 classes, planar logits': { classes: 17, grid: [5, 9, 7], patch: [5, 9, 7], starts: [[0, 0, 0]], planar: true },
  '14 classes in halves': {
    ...{ classes: 14, grid: [3, 9, 70], patch: [3, 9, 67], half: true },
    starts: [
      [0, 0, 0],
      [0, 0, 3],
    ],
  },
  'planes that come round': { classes: 4, grid: [4, 5, 6], patch: [3, 5, 6], starts: [[6, 0, 0]] },
  'only the rows of a band': { classes: 2, grid: [4, 13, 6], patch: [4, 9, 6], starts: [[0, 3, 0]], band: [5, 9] },
  'sigmoid, reversed along W': {
    ...{ classes: 3, grid: [3, 5, 9], patch: [3, 4, 7], starts: [[0, 1, 2]], activation: 'sigmoid' },
    mirror: [false, false, true],
  },
  'logits with a least weight, reversed along D and H': {
    ...{ classes: 4, grid: [4, 6, 9], patch: [4, 5, 7], activation: 'none', floor: 0.03, mirror: [true, true, false] },
    starts: [
      [0, 0, 0],
      [0, 1, 2],
    ],
  },
  'softmax with a least weight in halves': {
    ...{ classes: 7, grid: [3, 5, 6], patch: [3, 5, 6], starts: [[0, 0, 0]], half: true, floor: 0.05 },
  },
  'left and right exchanged, reversed along W and H': {
    ...{ classes: 6, grid: [3, 5, 9], patch: [3, 4, 7], starts: [[0, 1, 2]], mirror: [false, true, true] },
    exchange: [0, 5, 2, 4, 3, 1],
  },
  'left and right exchanged, planar logits': {
    ...{ classes: 5, grid: [3, 5, 9], patch: [3, 4, 7], starts: [[0, 1, 2]], mirror: [false, false, true] },
    ...{ exchange: [0, 2, 1, 4, 3], planar: true, half: true },
  },
  'nothing exchanged, because it is not reversed along W': {
    ...{ classes: 5, grid: [3, 5, 9], patch: [3, 4, 7], starts: [[0, 1, 2]], mirror: [true, true, false] },
    exchange: [0, 2, 1, 4, 3],
  },
  'one voxel': { classes: 2, grid: [1, 1, 1], patch: [1, 1, 1], starts: [[0, 0, 0]] },
};

async function run(c: Case, logits: readonly Float32Array[]) {
  const { classes, grid, patch, starts, planar = false, half = false, activation, floor, exchange } = c;
  const [ring, height, width] = grid;
  const [row0, end] = c.band ?? [0, height];
  const weights = patch.map((n, axis) => Array.from({ length: n }, (_, i) => 1 / (2 + ((i * 7 + axis) % 5))));
  const kernel = accumulateKernel({ classes, patchDhw: patch, ring, width, planar, half, activation, floor, exchange });
  const voxels = ring * (end - row0) * width;
  const bytes = voxels * probabilityBytes({ classes, half, counted: floor !== undefined });
  const [sums, health] = await runOnce(device, (r) => {
    const [out, words] = [r.output('ring', bytes), r.output('health', 4 * starts.length)];
    const band = r.constant('band', Uint32Array.of(row0, end - row0), true);
    const table = r.constant('weights', Float32Array.from(weights.flat()));
    for (const [i, start] of starts.entries()) {
      const params = r.constant(
        'window',
        windowParams(start, i, [0, patch[0], patch[0] + patch[1]], mirrorBits(c.mirror)),
        true,
      );
      const held = planar ? (logits[i] as Float32Array<ArrayBuffer>) : toChannelsLast(logits[i], classes);
      r.dispatch(kernel, [params, band, table, r.constant('logits', held), out, words]);
    }
    return [
      { tensor: out, length: bytes / 4 },
      { tensor: words, length: starts.length },
    ];
  });
  const halves = new Uint16Array(sums.buffer, sums.byteOffset, half ? bytes / 2 : 0);
  const values = half ? Float64Array.from(halves, fromHalf) : Float64Array.from(sums);
  return { values, voxels, weights, health: new Uint32Array(health.buffer, health.byteOffset, health.length) };
}

const logitsFor = ({ classes, patch, starts }: Case) =>
  starts.map((_, i) => randomNormal(classes * patch[0] * patch[1] * patch[2], i + 1).map((v) => 3 * v));

describe('the accumulate kernel', () => {
  it.each(Object.entries(CASES))('adds weighted activations: %s', async (_, c) => {
    const { classes, grid, starts, half = false } = c;
    const [ring, height, width] = grid;
    const logits = logitsFor(c);
    const { values, voxels, weights, health } = await run(c, logits);
    const depth = Math.max(...starts.map(([z]) => z)) + c.patch[0];
    const channels = classes + (c.floor === undefined ? 0 : 1);
    const sum = new Float64Array(Math.max(depth, ring) * height * width * channels);
    for (const [i, start] of starts.entries()) {
      const flipped = mirrored(logits[i], c.patch, c.mirror ?? NOT_MIRRORED);
      const straight = c.mirror?.[2] && c.exchange ? reordered(flipped, c.exchange) : flipped;
      const how = [c.activation, c.floor] as const;
      accumulateReference(sum, [depth, height, width], classes, straight, start, weights as never, ...how);
    }
    const [row0, end] = c.band ?? [0, height];
    const padded = values.length / voxels;
    const expected = new Float64Array(values.length);
    for (let z = Math.max(0, depth - ring); z < depth; z++)
      for (let y = row0; y < end; y++)
        for (let x = 0; x < width; x++)
          for (let k = 0; k < channels; k++) {
            const at = ((z % ring) * (end - row0) + y - row0) * width + x;
            expected[at * padded + k] = sum[((z * height + y) * width + x) * channels + k];
          }
    // In units of the RMS, of which the largest value is some ten times. Halves round each of two sums to 11 bits.
    expectAllClose(values, expected, half ? 1e-2 : 1e-5);
    expect([...health]).toEqual(starts.map(() => VARIES));
  });

  it('survives logits whose exponentials overflow', async () => {
    const c: Case = { classes: 2, grid: [1, 1, 1], patch: [1, 1, 1], starts: [[0, 0, 0]] };
    const { values, weights } = await run(c, [new Float32Array([1000, 999])]);
    const weight = weights.reduce((product, [w]) => product * w, 1);
    expect(values[0] / weight).toBeCloseTo(1 / (1 + Math.exp(-1)), 5);
  });

  it.each<[string, (logits: Float32Array) => void, number]>([
    ['one NaN', (l) => l.fill(Number.NaN, 700, 701), NOT_FINITE | VARIES],
    ['one infinity', (l) => l.fill(Number.NEGATIVE_INFINITY, 0, 1), NOT_FINITE | VARIES],
    ['zeros everywhere', (l) => l.fill(0), 0],
    ['one value everywhere but for the last', (l) => l.fill(2, 0, l.length - 1), VARIES],
  ])('notes %s in the health of its window alone', async (_, spoil, expected) => {
    for (const planar of [true, false]) {
      const starts: Triple[] = [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ];
      const c: Case = { classes: 3, grid: [5, 9, 7], patch: [5, 9, 7], starts, planar };
      const logits = logitsFor(c);
      spoil(logits[1]);
      expect([...(await run(c, logits)).health]).toEqual([VARIES, expected, VARIES]);
    }
  });
});
