import { describe, expect, it } from 'vitest';
import { allAtOnce } from '../../core/steps';
import { apart, expectedAtModelSpacing, manifest, scan, thresholds } from '../../testing/thresholdNetwork';
import { toRas } from '../../volume/canonical';
import type { Affine, Triple } from '../../volume/grid';
import { type LabelBox, writeBox } from '../../volume/labelBox';
import { gridDims, resampleLinear } from '../../volume/resample';
import type { Volume } from '../../volume/volume';
import type { Progress } from '../protocol';
import { CpuWindows } from '../windows/cpu/cpuWindows';
import { segmentVolume } from './segmentVolume';

describe('segmentVolume', () => {
  it.each<[string, Triple, Triple, number]>([
    ['many windows', [23, 17, 29], [8, 13, 11], 7 * 2 * 4],
    ['one window, exactly the patch', [13, 17, 23], [23, 17, 13], 1],
    ['a volume smaller than the patch on every axis', [13, 17, 23], [32, 24, 16], 1],
    ['a volume smaller than the patch on one axis', [5, 17, 23], [11, 13, 8], 4 * 2 * 1],
  ])('labels %s as thresholding the intensities does', async (_, dims, patch, windows) => {
    const volume = scan(dims, [2, 2, 2]);
    const backend = thresholds();
    const { labels, sizes, timings } = await segmentVolume(
      [volume],
      manifest(patch),
      async () => new CpuWindows(backend),
    );
    const expected = expectedAtModelSpacing(volume);
    const count = (id: number) => labels.data.filter((label) => label === id).length;
    expect([...sizes]).toEqual([0, 1, 2].map((id) => [id, { voxels: count(id), ml: count(id) * (8 / 1000) }]));
    expect(new Set(expected).size).toBe(3);
    expect(apart(labels, expected)).toEqual([]);
    expect(labels).toMatchObject({ dimsXyz: dims, spacingXyz: volume.spacingXyz, affine: volume.affine });
    expect(backend.runs).toBe(timings.windows);
    expect(timings.windows).toBe(windows);
  });

  it('leaves intensities that have a unit what they are: the same tissue gets the same label in every scan', async () => {
    const whole = scan([13, 17, 23], [2, 2, 2]);
    const range = manifest([8, 8, 8]);
    range.pipeline = { ...range.pipeline, normalization: { scheme: 'range', lower: 100, upper: 1000 } } as never;
    const expected = Array.from(whole.data, (v) => Math.min(2, Math.max(0, Math.floor((v - 100) / 300))));
    expect(new Set(expected).size).toBe(3);
    const { labels } = await segmentVolume([whole], range, async () => new CpuWindows(thresholds()));
    expect(apart(labels, expected)).toEqual([]);
    // A piece of it without the brightest and the darkest: percentiles would stretch what is left.
    const data = new Float32Array(whole.data.length).fill(450);
    data.set(whole.data.subarray(0, 400).map((v) => Math.min(v, 650)));
    const piece = await segmentVolume([{ ...whole, data }], range, async () => new CpuWindows(thresholds()));
    const inPiece = Array.from(data, (v) => Math.min(2, Math.max(0, Math.floor((v - 100) / 300))));
    expect(apart(piece.labels, inPiece)).toEqual([]);
  });

  it('averages over mirrored windows as the model says or is asked, left and right exchanged', async () => {
    const dims: Triple = [8, 4, 4];
    const described = manifest([4, 4, 8]);
    const mirroring = { axes: [2], byDefault: true, exchange: [[1, 2]] as [number, number][] };
    described.pipeline = { ...described.pipeline, mirroring } as never;
    const backend = { ...thresholds(), runs: 0 };
    // Sees the left structure (1) in the left half, which comes first, and is blind to the right one (2).
    backend.run = async (patch) => {
      backend.runs++;
      const left = Float32Array.from(patch, (_, i) => (i % 8 < 4 ? 1 : 0));
      return Float32Array.from([...left.map((l) => 1 - l), ...left.map((l) => 5 * l), ...left.fill(0)]);
    };
    const row = async (mirror?: boolean) => {
      const volume = scan(dims, [2, 2, 2]);
      const { labels } = await segmentVolume([volume], described, async () => new CpuWindows(backend), { mirror });
      return [...labels.data.subarray(0, 8)];
    };
    expect([await row(false), backend.runs]).toEqual([[1, 1, 1, 1, 0, 0, 0, 0], 1]);
    expect([await row(), backend.runs]).toEqual([[1, 1, 1, 1, 2, 2, 2, 2], 3]);
    mirroring.byDefault = false;
    expect([await row(), backend.runs]).toEqual([[1, 1, 1, 1, 0, 0, 0, 0], 4]);
    expect([await row(true), backend.runs]).toEqual([[1, 1, 1, 1, 2, 2, 2, 2], 6]);
  });

  describe('with a first look', () => {
    /** A bright block, and a bright speck far away. */
    function blockAndSpeck(): Volume {
      const dims: Triple = [40, 36, 44];
      const data = new Float32Array(dims[0] * dims[1] * dims[2]);
      const bright = (from: Triple, to: Triple) => {
        for (let z = from[2]; z < to[2]; z++)
          for (let y = from[1]; y < to[1]; y++) data.fill(1, from[0] + 40 * (y + 36 * z), to[0] + 40 * (y + 36 * z));
      };
      bright([10, 12, 14], [20, 22, 24]);
      bright([36, 30, 38], [38, 32, 40]);
      return { ...scan(dims, [2, 2, 2]), data };
    }
    const looking = (leastMl: number) => {
      const described = manifest([8, 8, 8], [2, 2, 2], 2);
      const normalization = { scheme: 'range', lower: 0, upper: 1 };
      const firstLook = { coarser: 2, marginMm: 6, leastMl };
      described.pipeline = { ...described.pipeline, normalization, firstLook } as never;
      return described;
    };
    const run = async (volume: Volume, leastMl: number) => {
      const backend = thresholds(2);
      const seen: Progress[] = [];
      const boxes: LabelBox[] = [];
      const { labels, timings } = await segmentVolume([volume], looking(leastMl), async () => new CpuWindows(backend), {
        onProgress: (progress) => seen.push(progress),
        onSlab: (box) => boxes.push(box),
      });
      return { labels, timings, runs: backend.runs, seen, boxes };
    };

    it('runs and labels only what lies around the largest thing it saw', async () => {
      const volume = blockAndSpeck();
      const { labels, timings, runs, seen, boxes } = await run(volume, 1);
      expect(labels.data).toEqual(Uint8Array.from(volume.data, (v, i) => (v === 1 && i % 40 < 30 ? 1 : 0)));
      const looks = seen.filter(({ phase }) => phase === 'look');
      expect(timings.windows + looks[0].total).toBe(runs);
      expect(timings.windows).toBeLessThan(runs / 2);
      expect(looks.every(({ secondsLeft, total, done }) => secondsLeft === null && done <= total)).toBe(true);
      const shown = { ...labels, data: new Uint8Array(labels.data.length) };
      for (const box of boxes) writeBox(shown, box);
      expect(shown).toEqual(labels);
    });

    it('runs everything where it saw too little, or where the scan has few windows', async () => {
      const volume = blockAndSpeck();
      const all = await run(volume, 50);
      expect(all.labels.data).toEqual(Uint8Array.from(volume.data, (v) => (v === 1 ? 1 : 0)));
      expect(all.timings.windows).toBe(10 * 8 * 9);
      const small = await run(scan([11, 9, 12], [2, 2, 2]), 0);
      expect(small.runs).toBe(small.timings.windows);
      expect(small.seen.some(({ phase }) => phase === 'look')).toBe(false);
    });
  });

  it.each([false, true])(
    'drops slices at the base that the network is not certain of, stored upside down: %s',
    async (isFlipped) => {
      const [nx, ny, nz]: Triple = [8, 8, 9];
      // Brightness is certainty: the network gives class 1 a probability of the intensity.
      const brightness = [0, 0.6, 0.7, 0.95, 0.95, 0.95, 0.9, 0.55, 0];
      const width = [0, 6, 6, 6, 5, 4, 3, 2, 0];
      const plane = (z: number) => (isFlipped ? nz - 1 - z : z);
      const data = new Float32Array(nx * ny * nz);
      for (let z = 0; z < nz; z++)
        for (let y = 0; y < width[z]; y++)
          for (let x = 0; x < width[z]; x++) data[x + nx * (y + ny * plane(z))] = brightness[z];
      const described = manifest([3, 8, 8], [2, 2, 2], 2);
      const normalization = { scheme: 'range', lower: 0, upper: 1 };
      described.pipeline = { ...described.pipeline, normalization, baseCertainty: 0.875 } as never;
      const backend = {
        ...thresholds(2),
        run: async (patch: Float32Array) => {
          const p = patch.map((v) => Math.min(0.999, Math.max(0.001, v)));
          return Float32Array.from([...p.map((v) => Math.log(1 - v)), ...p.map((v) => Math.log(v))]);
        },
      };
      const volume = { ...scan([nx, ny, nz], [2, 2, 2]), data };
      const { labels } = await segmentVolume([volume], described, async () => new CpuWindows(backend));
      const labelled = brightness.map(
        (_, z) => labels.data.subarray(64 * plane(z), 64 * (plane(z) + 1)).filter((l) => l === 1).length,
      );
      expect(labelled).toEqual([0, 0, 0, 36, 25, 16, 9, 4, 0]);
    },
  );

  it('dissolves islands that are smaller than their label allows, in millilitres, once all slabs are there', async () => {
    const dims: Triple = [23, 17, 29];
    const volume = { ...scan(dims, [2, 2, 2]), data: new Float32Array(23 * 17 * 29) };
    const bright = (from: Triple, size: number) => {
      for (let z = 0; z < size; z++)
        for (let y = 0; y < size; y++)
          for (let x = 0; x < size; x++) volume.data[from[0] + x + 23 * (from[1] + y + 17 * (from[2] + z))] = 1000;
    };
    bright([2, 2, 2], 3); // 27 voxels of 8 mm3: 0.216 ml
    bright([12, 9, 6], 4); // 0.512 ml, over several windows
    volume.data[0] = 1;
    const described = manifest([8, 8, 8], [2, 2, 2], 2);
    const count = async (leastMl?: number) => {
      const labels = described.labels.map((label) => (label.id === 1 ? { ...label, leastMl } : label));
      const boxes: LabelBox[] = [];
      const result = await segmentVolume(
        [volume],
        { ...described, labels },
        async () => new CpuWindows(thresholds(2)),
        { onSlab: (box) => boxes.push(box) },
      );
      const shown = boxes.reduce((sum, { data }) => sum + data.filter((label) => label === 1).length, 0);
      expect(shown).toBe(27 + 64);
      return result.labels.data.filter((label) => label === 1).length;
    };
    expect(await count()).toBe(27 + 64);
    expect(await count(0.21)).toBe(27 + 64);
    expect(await count(0.22)).toBe(64);
    expect(await count(1)).toBe(0);
  });

  it('resamples to the model spacing and back: equal to cutting the interpolated probabilities', async () => {
    // 1 mm scan, 2 mm model, a two-class network: borders lie where the resampled intensity crosses one half.
    const volume = scan([31, 26, 22], [1, 1, 1]);
    const { labels } = await segmentVolume(
      [volume],
      manifest([8, 8, 8], [2, 2, 2], 2),
      async () => new CpuWindows(thresholds(2)),
    );
    const modelXyz = gridDims(volume.dimsXyz, volume.spacingXyz, [2, 2, 2]);
    const model = {
      ...volume,
      dimsXyz: modelXyz,
      data: allAtOnce(resampleLinear(volume.data, volume.dimsXyz, modelXyz)),
    };
    const coarse = expectedAtModelSpacing(model, 2);
    let inside = 0;
    let right = 0;
    // Native voxels whose neighbourhood of model voxels is of one class must have exactly that class.
    for (let z = 1; z < 21; z++)
      for (let y = 1; y < 25; y++)
        for (let x = 1; x < 29; x++) {
          const around = [0, 1, 2, 3, 4, 5, 6, 7].map((corner) => {
            const at = (i: number, n: number, m: number, bit: number) =>
              Math.min(m - 1, Math.floor((i + 0.5) * (m / n) - 0.5) + ((corner >> bit) & 1));
            const [mx, my, mz] = modelXyz;
            return coarse[(at(z, 22, mz, 2) * my + at(y, 26, my, 1)) * mx + at(x, 31, mx, 0)];
          });
          if (new Set(around).size > 1) continue;
          inside++;
          if (labels.data[(z * 26 + y) * 31 + x] === around[0]) right++;
        }
    expect(inside).toBeGreaterThan(4000);
    expect(right / inside).toBeGreaterThan(0.999);
  });

  it('gives the same anatomy the same labels in whatever voxel order the file has it', async () => {
    const ras = scan([13, 17, 23], [1.5, 2, 2.5]);
    // The same voxels stored as (z reversed, x, y): columns of the affine follow.
    const [nx, ny, nz] = ras.dimsXyz;
    const data = new Float32Array(ras.data.length);
    for (let z = 0; z < nz; z++)
      for (let y = 0; y < ny; y++)
        for (let x = 0; x < nx; x++) data[nz - 1 - z + nz * (x + nx * y)] = ras.data[x + nx * (y + ny * z)];
    const stored: Volume = {
      ...ras,
      data,
      dimsXyz: [nz, nx, ny],
      spacingXyz: [2.5, 1.5, 2],
      affine: [0, 1.5, 0, 0, 0, 0, 2, 0, -2.5, 0, 0, 2.5 * (nz - 1), 0, 0, 0, 1],
    };
    const options = [manifest([8, 8, 8]), async () => new CpuWindows(thresholds())] as const;
    const straight = await segmentVolume([ras], ...options);
    const shuffled = await segmentVolume([stored], ...options);
    expect(shuffled.labels.dimsXyz).toEqual(stored.dimsXyz);
    expect([...toRas(stored).toRas(shuffled.labels.data)]).toEqual([...straight.labels.data]);
    expect(new Set(straight.labels.data).size).toBe(3);
  });

  it.each<[string, Affine]>([
    ['as stored', [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1]],
    ['with its slowest axis turned over', [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, -2, 0, 0, 0, 0, 1]],
    ['with its slowest axis from side to side', [0, 0, 2, 0, -2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1]],
  ])('hands out boxes that together are the mask, of a scan %s', async (_, affine) => {
    const volume = scan([13, 17, 23], [2, 2, 2], affine);
    const [streamed, times] = [new Uint8Array(volume.data.length).fill(255), new Uint8Array(volume.data.length)];
    const boxes: LabelBox[] = [];
    const { labels } = await segmentVolume([volume], manifest([8, 8, 8]), async () => new CpuWindows(thresholds()), {
      onSlab: (box) => boxes.push(box),
    });
    for (const box of boxes) {
      writeBox({ dimsXyz: volume.dimsXyz, data: streamed }, box);
      const seen = { dimsXyz: volume.dimsXyz, data: new Uint8Array(times.length) };
      writeBox(seen, { ...box, data: new Uint8Array(box.data.length).fill(1) });
      for (let i = 0; i < times.length; i++) times[i] += seen.data[i];
    }
    expect(boxes.length).toBeGreaterThan(2);
    expect(new Set(times)).toEqual(new Set([1]));
    expect([...streamed]).toEqual([...labels.data]);
    expect(new Set(streamed).size).toBe(3);
  });
});
