import { describe, expect, it } from 'vitest';
import { allAtOnce } from '../../core/steps';
import { manifest, scan, thresholds } from '../../testing/thresholdNetwork';
import type { Affine, Triple } from '../../volume/grid';
import type { LabelBox } from '../../volume/labelBox';
import type { LabelVolume } from '../../volume/volume';
import { segmentVolume } from '../job/segmentVolume';
import { CpuWindows } from '../windows/cpu/cpuWindows';
import { prepare } from './prepare';
import { previewOf } from './preview';

/** Voxels of a box that are not what the labels have there. */
function differing({ startXyz, dimsXyz, data }: LabelBox, labels: LabelVolume): number {
  let count = 0;
  const [nx, ny] = labels.dimsXyz;
  for (let z = 0, i = 0; z < dimsXyz[2]; z++)
    for (let y = 0; y < dimsXyz[1]; y++)
      for (let x = 0; x < dimsXyz[0]; x++, i++)
        if (data[i] !== labels.data[startXyz[0] + x + nx * (startXyz[1] + y + ny * (startXyz[2] + z))]) count++;
  return count;
}

const turned: Affine = [0, -2, 0, 0, 0, 0, 2, 0, -2, 0, 0, 0, 0, 0, 0, 1];

describe('the middle of a scan before all of it', () => {
  it.each<[string, Triple, Triple, Affine | undefined, number]>([
    ['one window of a few', [13, 17, 23], [16, 12, 16], undefined, 1],
    ['the neighbours of a large scan', [40, 36, 44], [12, 12, 12], undefined, 7],
    ['a file in another order, its axes reversed', [40, 36, 44], [12, 12, 12], turned, 7],
    ['a scan smaller than the window on one axis', [9, 37, 40], [14, 12, 12], undefined, 3],
  ])('has the labels of the whole run where windows agree: %s', async (_, dims, patch, affine, parts) => {
    const volume = scan(dims, [2, 2, 2], affine);
    const run = (onPreview?: (box: LabelBox) => void) =>
      segmentVolume([volume], manifest(patch), async () => new CpuWindows(thresholds()), { onPreview });
    const boxes: LabelBox[] = [];
    const [plain, shown] = [await run(), await run((box) => boxes.push(box))];
    expect(Buffer.compare(plain.labels.data, shown.labels.data)).toBe(0);
    expect(boxes).toHaveLength(parts);
    for (const box of boxes) {
      expect(differing(box, plain.labels)).toBe(0);
      expect(new Set(box.data).size).toBeGreaterThan(1);
    }
    const [{ startXyz, dimsXyz }] = boxes;
    for (const axis of [0, 1, 2]) {
      expect(Math.abs(2 * startXyz[axis] + dimsXyz[axis] - dims[axis])).toBeLessThanOrEqual(2);
    }
    expect(plain.timings.phaseMs.preview).toBeUndefined();
    expect(shown.timings.phaseMs.preview).toBeGreaterThan(0);
    expect(shown.timings.windows).toBe(plain.timings.windows);
  });

  it('comes before the first slab, reported as a phase of its own', async () => {
    const order: string[] = [];
    const add = (what: string) => order.at(-1) !== what && order.push(what);
    const warm = { ...thresholds(), warm: true };
    await segmentVolume([scan([40, 36, 44], [2, 2, 2])], manifest([12, 12, 12]), async () => new CpuWindows(warm), {
      onProgress: ({ phase, done, total }) => add(phase === 'preview' ? `${phase} ${done}/${total}` : phase),
      onPreview: () => add('box'),
      onSlab: () => add('slab'),
    });
    expect(order.slice(0, 5)).toEqual(['prepare', 'compile', 'preview 0/7', 'preview 1/7', 'box']);
    expect(order.filter((what) => what.startsWith('preview')).at(-1)).toBe('preview 7/7');
    expect(order.lastIndexOf('box')).toBeLessThan(order.indexOf('slab'));
  });

  it('is left out of a run that is over soon, costs at most a quarter, and is neither mirrored nor counted', () => {
    const partsOf = (dims: Triple, patch: Triple) => {
      const prepared = allAtOnce(prepare([scan(dims, [2, 2, 2])], manifest(patch)));
      return previewOf({ ...prepared, job: { ...prepared.job, mirrors: [[false, false, true]], weightFloor: 0.1 } });
    };
    expect(partsOf([12, 12, 12], [12, 12, 12])).toEqual([]);
    const [part] = partsOf([16, 16, 12], [12, 12, 12]);
    expect(part.job).toMatchObject({ paddedDhw: [12, 12, 12], starts: [[0], [0], [0]] });
    expect(part.job.mirrors).toBeUndefined();
    expect(part.job.weightFloor).toBeUndefined();
  });
});
