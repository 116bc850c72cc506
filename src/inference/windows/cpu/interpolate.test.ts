import { describe, expect, it } from 'vitest';
import type { Triple } from '../../../volume/grid';
import { linearTaps, type Taps } from '../geometry/taps';
import { interpolatedLabels } from './interpolate';

/** Random but piecewise constant probabilities: blocks with one class plus noise, so both code paths are taken. */
function blocks(dims: Triple, classes: number): Float32Array {
  const data = new Float32Array(dims[0] * dims[1] * dims[2] * classes);
  let seed = 7;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  let at = 0;
  for (let z = 0; z < dims[0]; z++)
    for (let y = 0; y < dims[1]; y++)
      for (let x = 0; x < dims[2]; x++) {
        const favourite = (Math.floor(z / 4) + Math.floor(y / 5) + Math.floor(x / 3)) % classes;
        for (let c = 0; c < classes; c++) data[at++] = random() + (c === favourite ? 0.6 : 0);
      }
  return data;
}

/** The definition, without the shortcut, one voxel at a time. */
function direct(data: Float32Array, classes: number, padded: Triple, model: Triple, below: Triple, native: Triple) {
  const labels: number[] = [];
  const at = (axis: number, i: number) => {
    const c = Math.min(Math.max((i + 0.5) * (model[axis] / native[axis]) - 0.5, 0), model[axis] - 1);
    const lower = Math.floor(c);
    return [
      [below[axis] + lower, 1 - (c - lower)],
      [below[axis] + Math.min(lower + 1, model[axis] - 1), c - lower],
    ];
  };
  for (let z = 0; z < native[0]; z++)
    for (let y = 0; y < native[1]; y++)
      for (let x = 0; x < native[2]; x++) {
        const mix = new Array<number>(classes).fill(0);
        for (const [kz, wz] of at(0, z))
          for (const [ky, wy] of at(1, y))
            for (const [kx, wx] of at(2, x))
              for (let c = 0; c < classes; c++)
                mix[c] += wz * wy * wx * data[((kz * padded[1] + ky) * padded[2] + kx) * classes + c];
        labels.push(mix.indexOf(Math.max(...mix)));
      }
  return labels;
}

const tapsFor = (native: Triple, model: Triple, below: Triple): [Taps, Taps, Taps] => [
  linearTaps(native[0], model[0], below[0]),
  linearTaps(native[1], model[1], below[1]),
  linearTaps(native[2], model[2], below[2]),
];

describe('interpolatedLabels', () => {
  it.each<[string, Triple, Triple, Triple, Triple]>([
    ['finer', [9, 11, 7], [9, 11, 7], [0, 0, 0], [13, 17, 23]],
    ['coarser', [9, 11, 17], [9, 11, 17], [0, 0, 0], [5, 3, 2]],
    ['padded', [16, 12, 16], [9, 12, 7], [3, 0, 4], [13, 17, 23]],
    ['one voxel thick', [8, 8, 8], [1, 8, 8], [3, 0, 0], [1, 13, 17]],
  ])('equals interpolating everything when the native grid is %s', (_, padded, model, below, native) => {
    const data = blocks(padded, 4);
    const probabilities = { dimsDhw: padded, classes: 4, data };
    const labels = interpolatedLabels(probabilities, tapsFor(native, model, below), [0, native[0]]);
    expect(new Set(labels).size).toBeGreaterThan(2);
    expect([...labels]).toEqual(direct(data, 4, padded, model, below, native));
  });

  it('never looks at the padding', () => {
    const data = new Float32Array(4 * 4 * 4 * 2);
    for (let v = 0; v < 64; v++) data[2 * v + 1] = 1; // everything is class 1
    data[2 * ((1 * 4 + 1) * 4 + 1)] = 2; // except the one voxel that is not padding
    const taps = tapsFor([3, 3, 3], [1, 1, 1], [1, 1, 1]);
    const labels = interpolatedLabels({ dimsDhw: [4, 4, 4], classes: 2, data }, taps, [0, 3]);
    expect([...new Set(labels)]).toEqual([0]);
  });

  it('gives a plane the same labels from a ring that holds only what it reads', () => {
    const [dims, native]: [Triple, Triple] = [
      [9, 5, 7],
      [13, 8, 6],
    ];
    const data = blocks(dims, 3);
    const taps = tapsFor(native, dims, [0, 0, 0]);
    const whole = interpolatedLabels({ dimsDhw: dims, classes: 3, data }, taps, [0, 13]);
    const plane = 5 * 7 * 3;
    for (let z = 0; z < 13; z++) {
      const ring = new Float32Array(2 * plane);
      for (const k of [taps[0].lower[z], taps[0].upper[z]]) {
        ring.set(data.subarray(k * plane, (k + 1) * plane), (k % 2) * plane);
      }
      const labels = interpolatedLabels({ dimsDhw: [2, 5, 7], classes: 3, data: ring }, taps, [z, z + 1]);
      expect([...labels]).toEqual([...whole.subarray(z * 48, (z + 1) * 48)]);
    }
  });
});

describe('regions', () => {
  it('equal thresholding every interpolated channel and painting them in order', () => {
    const dims: Triple = [5, 6, 7];
    const native: Triple = [9, 11, 6];
    const data = blocks(dims, 3).map((value) => value / 1.6);
    const order = [2, 1, 3];
    const taps = [linearTaps(9, 5), linearTaps(11, 6), linearTaps(6, 7)] as const;
    const labels = interpolatedLabels({ dimsDhw: dims, classes: 3, data }, taps, [0, 9], { order, threshold: 0.5 });
    const expected: number[] = [];
    for (let z = 0; z < native[0]; z++)
      for (let y = 0; y < native[1]; y++)
        for (let x = 0; x < native[2]; x++) {
          let label = 0;
          for (const [c, painted] of order.entries()) {
            let value = 0;
            for (let corner = 0; corner < 8; corner++) {
              const at = [z, y, x].map((i, axis) => {
                const upper = (corner >> axis) & 1;
                const { lower, upper: higher, fraction } = taps[axis];
                return [upper ? higher[i] : lower[i], upper ? fraction[i] : 1 - fraction[i]];
              });
              const weight = at.reduce((product, [, w]) => product * w, 1);
              value += weight * data[((at[0][0] * dims[1] + at[1][0]) * dims[2] + at[2][0]) * 3 + c];
            }
            if (value > 0.5) label = painted;
          }
          expected.push(label);
        }
    expect(new Set(labels).size).toBe(4);
    expect([...labels]).toEqual(expected);
  });
});
