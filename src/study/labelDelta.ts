/**
 * An edit of labels as what differs in a box, in runs: what undo keeps of an edit. As small as the edit is smooth: a
 * brushed ball of 20 voxels across is some 1200 runs, whatever the size of the scan.
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
  const runs: { skip: number; length: number; before: number; after: number }[] = [];
  let skip = 0;
  let open: (typeof runs)[number] | null = null;
  for (let z = 0, at = 0; z < bz; z++) {
    for (let y = 0; y < by; y++) {
      const row = x0 + nx * (y0 + y + ny * (z0 + z));
      for (let x = 0; x < bx; x++, at++) {
        const [before, after] = [labels.data[row + x], box.data[at]];
        if (before === after) {
          open = null;
          skip++;
        } else if (open && open.before === before && open.after === after) {
          open.length++;
        } else {
          open = { skip, length: 1, before, after };
          runs.push(open);
          skip = 0;
        }
      }
    }
  }
  return {
    startXyz: box.startXyz,
    dimsXyz: box.dimsXyz,
    skips: Uint32Array.from(runs, (run) => run.skip),
    lengths: Uint32Array.from(runs, ({ length }) => length),
    before: Uint8Array.from(runs, (run) => run.before),
    after: Uint8Array.from(runs, (run) => run.after),
  };
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
