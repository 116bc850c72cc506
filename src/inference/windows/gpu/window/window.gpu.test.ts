import { afterAll, describe, expect, it } from 'vitest';
import { expectAllClose, randomNormal } from '../../../../testing/allClose';
import { openGpuDevice } from '../../../../testing/gpuDevice';
import { runOnce } from '../../../../testing/runOnce';
import type { Triple } from '../../../../volume/grid';
import { type Mirror, mirrorBits, mirrored, NOT_MIRRORED } from '../../geometry/mirror';
import { windowParams } from '../windowParams';
import { windowBand, windowKernel } from './window';
import { windowReference } from './window.reference';

const device = await openGpuDevice();
afterAll(() => device.destroy());

interface Case {
  readonly dims: Triple;
  readonly patch: Triple;
  readonly below?: Triple;
  readonly start: Triple;
  readonly channels?: number;
  /** Rows of each band. */
  readonly bands?: readonly (readonly [number, number])[];
  readonly mirror?: Mirror;
}

const CASES: Record<string, Case> = {
  'in the middle': { dims: [13, 17, 23], patch: [5, 9, 7], start: [6, 3, 11] },
  'of two channels': { dims: [13, 17, 23], patch: [5, 9, 7], start: [2, 8, 0], channels: 2 },
  'over three bands': {
    ...{ dims: [13, 17, 23], patch: [5, 13, 7], start: [1, 2, 3] },
    bands: [
      [0, 6],
      [6, 12],
      [12, 17],
    ],
  },
  'larger than the scan on every axis': { dims: [5, 9, 7], patch: [8, 13, 12], below: [1, 2, 2], start: [0, 0, 0] },
  'larger than the scan, in bands': {
    ...{ dims: [5, 9, 7], patch: [8, 13, 12], below: [1, 2, 2], start: [0, 0, 0] },
    bands: [
      [0, 5],
      [5, 9],
    ],
  },
  'reversed along D and W, in bands': {
    ...{ dims: [5, 9, 7], patch: [4, 9, 6], start: [1, 0, 1], channels: 2, mirror: [true, false, true] },
    bands: [
      [0, 5],
      [5, 9],
    ],
  },
  'reversed along H, larger than the scan': {
    ...{ dims: [5, 9, 7], patch: [8, 13, 12], below: [1, 2, 2], start: [0, 0, 0], mirror: [false, true, false] },
  },
  'of one voxel': { dims: [5, 1, 7], patch: [1, 1, 1], start: [3, 0, 6] },
};

describe('the window kernel', () => {
  it.each(Object.entries(CASES))('cuts and normalises a window %s', async (_, c) => {
    const { dims, patch, start, channels = 1, below = [0, 0, 0], bands = [[0, dims[1]]] } = c;
    const [D, H, W] = dims;
    const values = randomNormal(channels * D * H * W, 3);
    const maps = Array.from({ length: channels }, (_, i) => [0.3 * i - 0.2, 0.7 + i, -0.4, 0.9 + i] as const);
    // A ring of just the planes that the window needs.
    const ring = Math.min(patch[0], D);
    const shape = { channels, dimsDhw: dims, belowDhw: below, patchDhw: patch, ring };
    const kernel = windowKernel(shape);
    const length = channels * patch[0] * patch[1] * patch[2];
    const [cut] = await runOnce(device, (r) => {
      const out = r.output('cut', 4 * length);
      const params = r.constant('window', windowParams(start, 0, [0, 0, 0], mirrorBits(c.mirror)), true);
      const intensity = r.constant('intensity', Float32Array.from(maps.flat()), true);
      for (const [from, to] of bands) {
        const rows = to - from;
        const held = new Float32Array(channels * ring * rows * W);
        for (let ch = 0; ch < channels; ch++) {
          for (let p = 0; p < patch[0]; p++) {
            const z = start[0] - below[0] + p;
            if (z < 0 || z >= D) continue;
            const at = ((ch * D + z) * H + from) * W;
            held.set(values.subarray(at, at + rows * W), (ch * ring + (z % ring)) * rows * W);
          }
        }
        const band = r.constant('band', windowBand(from, to, H), true);
        r.dispatch(kernel, [params, band, intensity, r.constant('values', held), out]);
      }
      return [{ tensor: out, length }];
    });
    const straight = Float32Array.from(windowReference(shape, values, maps, start));
    const expected = mirrored(straight, patch, c.mirror ?? NOT_MIRRORED);
    expect(new Set(expected).size).toBeGreaterThan(Math.min(length - 1, 10));
    expectAllClose(cut, expected, 1e-6);
  });
});
