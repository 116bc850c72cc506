/**
 * The middle of a scan before all of it: a few single windows from the centre outwards, each a job of its own over a part of
 * what was prepared. What they say is not final, as no other window is averaged with them.
 */
import { crop, type View } from '../../volume/axisOrder';
import { shiftTaps } from '../../volume/axisTaps';
import type { Triple } from '../../volume/grid';
import { type WindowJob, windowCount } from '../windows/contract';
import type { Taps } from '../windows/geometry/taps';
import { perAxis } from '../windows/geometry/tiling';

/** A run over a part of the scan, and where its labels lie. */
export interface Part {
  readonly job: WindowJob;
  readonly output: View;
}

/** A run of fewer windows is over soon by itself. */
const FEWEST_WINDOWS = 4;
/** One window of preview for so many of the run. */
const WINDOWS_PER_PREVIEW = 8;
/** The centre and one neighbour on every side. */
const MOST_PREVIEWS = 7;

/**
 * The parts of a preview, nearest to the centre first; none for a run of few windows. Each is one window, not mirrored, and
 * beside the others as far as the grid allows.
 */
export function previewOf({ job, output }: Part): Part[] {
  const windows = windowCount(job);
  if (windows < FEWEST_WINDOWS) return [];
  const count = Math.min(MOST_PREVIEWS, Math.max(1, Math.floor(windows / WINDOWS_PER_PREVIEW)));
  return startsOutwards(job)
    .slice(0, count)
    .map((start) => partAt({ job, output }, start))
    .filter(({ job: { taps } }) => taps.every(({ lower }) => lower.length > 0));
}

/** First voxels, on the padded grid, of the window in the middle and of those around it, nearest first. */
function startsOutwards({ paddedDhw, patchDhw }: WindowJob): Triple[] {
  const along = perAxis((axis) => {
    const last = paddedDhw[axis] - patchDhw[axis];
    const middle = Math.floor(last / 2);
    const starts = [middle, middle - patchDhw[axis], middle + patchDhw[axis]];
    // At the edge of the grid a neighbour overlaps the middle one.
    const inside = [...new Set(starts.map((start) => Math.min(Math.max(start, 0), last)))];
    return inside.map((start) => ({ start, far: (Math.abs(start - middle) / patchDhw[axis]) ** 2 }));
  });
  const all = along[0].flatMap((z) =>
    along[1].flatMap((y) =>
      along[2].map((x) => ({ start: [z.start, y.start, x.start] as Triple, far: z.far + y.far + x.far })),
    ),
  );
  return all.sort((a, b) => a.far - b.far).map(({ start }) => start);
}

function partAt({ job, output }: Part, start: Triple): Part {
  const { patchDhw, belowDhw, dimsDhw, channels, values, mirrors, weightFloor, baseCertainty, ...same } = job;
  const from = perAxis((axis) => Math.max(0, start[axis] - belowDhw[axis]));
  const to = perAxis((axis) => Math.min(dimsDhw[axis], start[axis] - belowDhw[axis] + patchDhw[axis]));
  const size = perAxis((axis) => to[axis] - from[axis]);
  const read = perAxis((axis) => tapsWithin(job.taps[axis], start[axis], patchDhw[axis]));
  return {
    job: {
      ...same,
      channels,
      patchDhw,
      paddedDhw: patchDhw,
      belowDhw: perAxis((axis) => Math.max(0, belowDhw[axis] - start[axis])),
      dimsDhw: size,
      values: cut(values, channels, dimsDhw, from, size),
      starts: perAxis(() => [0]),
      weights: perAxis((axis) => [new Float64Array(patchDhw[axis]).fill(1)]),
      taps: perAxis((axis) => read[axis].taps),
    },
    output: crop(
      output,
      perAxis((axis) => read[axis].first),
      perAxis((axis) => read[axis].taps.lower.length),
    ),
  };
}

/** The output voxels that read nothing but `size` voxels from `start` on, and how they read those. */
function tapsWithin({ lower, upper, fraction }: Taps, start: number, size: number): { first: number; taps: Taps } {
  let first = 0;
  while (first < lower.length && lower[first] < start) first++;
  let end = first;
  while (end < upper.length && upper[end] < start + size) end++;
  const part = {
    lower: lower.slice(first, end),
    upper: upper.slice(first, end),
    fraction: fraction.slice(first, end),
  };
  return { first, taps: shiftTaps(part, -start) };
}

/** A box of (channels, D, H, W). A copy. */
function cut(
  values: Float32Array,
  channels: number,
  [depth, height, width]: Triple,
  [z0, y0, x0]: Triple,
  [planes, rows, columns]: Triple,
): Float32Array<ArrayBuffer> {
  const out = new Float32Array(channels * planes * rows * columns);
  for (let c = 0, at = 0; c < channels; c++) {
    for (let z = z0; z < z0 + planes; z++) {
      for (let y = y0; y < y0 + rows; y++, at += columns) {
        const row = ((c * depth + z) * height + y) * width + x0;
        out.set(values.subarray(row, row + columns), at);
      }
    }
  }
  return out;
}
