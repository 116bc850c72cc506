import { afterAll, describe, expect, it } from 'vitest';
import { fromHalves, toHalves } from '../../../../core/half';
import { randomNormal } from '../../../../testing/allClose';
import { openGpuDevice } from '../../../../testing/gpuDevice';
import { runOnce } from '../../../../testing/runOnce';
import { CERTAINTY_SCALE, certaintyKernel } from './certainty';
import { certaintyReference } from './certainty.reference';

const device = await openGpuDevice();
afterAll(() => device.destroy());

interface Case {
  readonly classes: number;
  readonly width: number;
  readonly half?: boolean;
  readonly counted?: boolean;
  /** Rows and columns of the padded grid that the scan fills. */
  readonly rows?: readonly [number, number];
  readonly columns?: readonly [number, number];
}

const CASES: Record<string, Case> = {
  '4 classes, rows longer than a workgroup': { classes: 4, width: 131 },
  '17 classes': { classes: 17, width: 23 },
  '2 classes, a scan smaller than its window': { classes: 2, width: 70, rows: [21, 23], columns: [3, 66] },
  halves: { classes: 5, width: 67, half: true },
  'a channel of weights, which is no class': { classes: 4, width: 9, counted: true },
  'one voxel': { classes: 3, width: 1, rows: [20, 21] },
};

describe('the certainty kernel', () => {
  it.each(Object.entries(CASES))('counts labelled voxels and how sure they are: %s', async (_, c) => {
    const { classes, width, half = false, counted = false, rows = [0, 99], columns = [0, width] } = c;
    const [ring, held, row0] = [5, 4, 20];
    const padded = 4 * Math.ceil((classes + (counted ? 1 : 0)) / 4);
    // Planes 6 and 7 of the grid, which lie at 1 and 2 of the ring.
    const [first, planes] = [6, 2];
    const noise = randomNormal(ring * held * width * padded, 3);
    const whole = noise.map((v, i) => (i % padded < classes ? Math.min(1, Math.abs(v) / 3) : 9));
    const halves = toHalves(whole);
    const [values, stored] = half ? [fromHalves(halves), halves] : [whole, whole];
    const [out] = await runOnce(device, (r) => {
      const sums = r.output('sums', 4 * 2 * 8);
      const kernel = certaintyKernel({ classes, ring, width, half, counted, rows, columns }, planes, held);
      const where = r.constant('planes', Uint32Array.of(first, held, row0, 0), true);
      r.dispatch(kernel, [where, r.constant('ring', stored), sums]);
      return [{ tensor: sums, length: 16 }];
    });
    const words = new Uint32Array(out.buffer, out.byteOffset, 16);
    for (let plane = 0; plane < 8; plane++) {
      const own: number[] = [];
      for (let y = 0; y < held && plane >= first; y++)
        for (let x = columns[0]; x < columns[1]; x++) {
          if (row0 + y < rows[0] || row0 + y >= rows[1]) continue;
          const at = (((plane % ring) * held + y) * width + x) * padded;
          own.push(...values.subarray(at, at + classes));
        }
      const { labelled, certainty } = certaintyReference(own, classes);
      expect(words[2 * plane]).toBe(labelled);
      const difference = words[2 * plane + 1] / CERTAINTY_SCALE - certainty;
      expect(Math.abs(difference)).toBeLessThanOrEqual((0.51 / CERTAINTY_SCALE) * labelled); // rounding of each
      if (plane >= first && width > 1) expect(labelled).toBeGreaterThan(3);
    }
  });
});
