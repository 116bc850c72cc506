/**
 * An edit of labels as what differs in a box, in runs: what undo keeps of an edit. As small as the edit is smooth: a ball
 * 40 voxels across is 1245 runs in 12 KB, whatever the size of the scan.
 */
import { InternalError } from '../core/errors';
import type { Box } from '../volume/box';
import type { Triple } from '../volume/grid';
import type { LabelBox } from '../volume/labelBox';
import type { LabelSize } from '../volume/statistics';

/** What an edit changes in a box, run by run in the box's order (x fastest). Every array has one number for each run. */
export interface LabelDelta extends Box {
  /** Voxels between the run before and this one, which stay as they are. */
  readonly skips: Uint32Array<ArrayBuffer>;
  readonly lengths: Uint32Array<ArrayBuffer>;
  /** All voxels of a run have one label before the edit, and one, another, after it. */
  readonly before: Uint8Array<ArrayBuffer>;
  readonly after: Uint8Array<ArrayBuffer>;
}

/** Labels of a whole grid, x fastest. */
export interface Labels {
  readonly dimsXyz: Triple;
  readonly data: Uint8Array;
}

/**
 * What writing a box would change. Nothing is written.
 * @throws InternalError('edit-outside') for a box that does not lie in the grid
 */
export function deltaOf(labels: Labels, box: LabelBox): LabelDelta {
  requireInside(labels, box, box.data.length);
  const [nx, ny] = labels.dimsXyz;
  const [x0, y0, z0] = box.startXyz;
  const [bx, by, bz] = box.dimsXyz;
  const [there, wanted] = [labels.data, box.data];
  let [skips, lengths] = [new Uint32Array(FIRST_RUNS), new Uint32Array(FIRST_RUNS)];
  let [befores, afters] = [new Uint8Array(FIRST_RUNS), new Uint8Array(FIRST_RUNS)];
  let runs = 0;
  // The run that goes on, of length 0 while none does, and the voxels that stay as they are before it.
  let [skip, length, runBefore, runAfter] = [0, 0, 0, 0];
  const close = () => {
    if (runs === skips.length) {
      [skips, lengths] = [twice(skips, Uint32Array), twice(lengths, Uint32Array)];
      [befores, afters] = [twice(befores, Uint8Array), twice(afters, Uint8Array)];
    }
    skips[runs] = skip;
    lengths[runs] = length;
    befores[runs] = runBefore;
    afters[runs] = runAfter;
    runs++;
    skip = length = 0;
  };
  for (let z = 0, at = 0; z < bz; z++) {
    for (let y = 0; y < by; y++) {
      const row = x0 + nx * (y0 + y + ny * (z0 + z));
      for (let x = 0; x < bx; x++, at++) {
        const before = there[row + x];
        const after = wanted[at];
        if (length > 0) {
          if (before === runBefore && after === runAfter) {
            length++;
            continue;
          }
          close();
        }
        if (before === after) {
          skip++;
        } else {
          length = 1;
          runBefore = before;
          runAfter = after;
        }
      }
    }
  }
  if (length > 0) close();
  const { startXyz, dimsXyz } = box;
  const [before, after] = [befores.slice(0, runs), afters.slice(0, runs)];
  return { startXyz, dimsXyz, skips: skips.slice(0, runs), lengths: lengths.slice(0, runs), before, after };
}

/** Room for runs to begin with; doubled as often as it takes. */
const FIRST_RUNS = 256;

/** The numbers, with room for as many again. */
function twice<Numbers extends { set(from: Numbers): void; readonly length: number }>(
  numbers: Numbers,
  kind: new (length: number) => Numbers,
): Numbers {
  const more = new kind(2 * numbers.length);
  more.set(numbers);
  return more;
}

/** The edit that takes this one back. */
export const inverted = (delta: LabelDelta): LabelDelta => ({ ...delta, before: delta.after, after: delta.before });

/** Bytes that keeping an edit takes. */
export const bytesOf = ({ skips, lengths, before, after }: LabelDelta): number =>
  skips.byteLength + lengths.byteLength + before.byteLength + after.byteLength;

/**
 * Writes an edit in place; nothing is written where it throws.
 * @throws InternalError('edit-out-of-turn') where the labels are not those that it was made of, InternalError('edit-outside')
 * where it does not lie in the grid
 */
export function applyDelta(labels: Labels, delta: LabelDelta): void {
  const { skips, lengths, before, after } = delta;
  requireInside(labels, delta, null);
  const { data } = labels;
  eachRow(labels.dimsXyz, delta, skips, lengths, (from, to, run) => {
    for (let i = from; i < to; i++) if (data[i] !== before[run]) throw new InternalError('edit-out-of-turn');
  });
  eachRow(labels.dimsXyz, delta, skips, lengths, (from, to, run) => data.fill(after[run], from, to));
}

/**
 * Sizes after an edit, counted by its runs alone.
 * @param sizes before it, by label id
 * @returns in ascending order of id, without labels that do not occur any more
 */
export function sizesAfter(
  sizes: ReadonlyMap<number, LabelSize>,
  { lengths, before, after }: LabelDelta,
  mlPerVoxel: number,
): ReadonlyMap<number, LabelSize> {
  const voxels = new Map([...sizes].map(([id, size]) => [id, size.voxels]));
  const add = (id: number, count: number) => voxels.set(id, (voxels.get(id) ?? 0) + count);
  for (const [run, length] of lengths.entries()) {
    add(before[run], -length);
    add(after[run], length);
  }
  return new Map(
    [...voxels]
      .filter(([, count]) => count > 0)
      .sort(([a], [b]) => a - b)
      .map(([id, count]) => [id, { voxels: count, ml: count * mlPerVoxel }]),
  );
}

/** Goes through the voxels of all runs, in pieces that lie in one row of the grid. @param visit for voxels [from, to) */
function eachRow(
  [nx, ny]: Triple,
  { startXyz: [x0, y0, z0], dimsXyz: [bx, by] }: Box,
  skips: Uint32Array,
  lengths: Uint32Array,
  visit: (from: number, to: number, run: number) => void,
): void {
  let at = 0;
  for (let run = 0; run < lengths.length; run++) {
    at += skips[run];
    for (const end = at + lengths[run]; at < end; ) {
      const x = at % bx;
      const row = (at - x) / bx;
      const count = Math.min(end - at, bx - x);
      const from = x0 + x + nx * (y0 + (row % by) + ny * (z0 + Math.floor(row / by)));
      visit(from, from + count, run);
      at += count;
    }
  }
}

/** @param voxels of the box's own array; null where it has none */
function requireInside({ dimsXyz, data }: Labels, box: Box, voxels: number | null): void {
  const inside = box.startXyz.every(
    (start, axis) =>
      Number.isInteger(start) && start >= 0 && box.dimsXyz[axis] >= 1 && start + box.dimsXyz[axis] <= dimsXyz[axis],
  );
  const product = ([x, y, z]: Triple) => x * y * z;
  if (!inside || data.length !== product(dimsXyz) || (voxels !== null && voxels !== product(box.dimsXyz))) {
    throw new InternalError('edit-outside', {
      box: `${box.startXyz.join(', ')} + ${box.dimsXyz.join(' x ')}`,
      grid: dimsXyz.join(' x '),
    });
  }
}
