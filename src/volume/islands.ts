/**
 * Small islands of a structure, which are nearly always mistakes. unetrpp/inference/islands.py is the same in Python.
 *
 * Islands are found by runs, stretches of one label along x: there are far fewer of them than voxels.
 */
import type { Steps } from '../core/steps';
import type { Triple } from './grid';
import type { LabelVolume } from './volume';

type Labels = Pick<LabelVolume, 'data' | 'dimsXyz'>;

/** Stands in for the label of an island that is too small until it is known what that becomes. */
const UNDECIDED = 255;

/** Stretches of one label along x, in the order of their voxels. */
interface Runs {
  /** Index of each run's first voxel, and of the one after its last. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** The first run of each row y + ny z; one entry more than rows. */
  readonly firstOfRow: Int32Array;
}

/**
 * Sees to it that every island of a structure has a least size. In place.
 *
 * Voxels of one label that share a face, an edge or a corner are one island. An island smaller than its label's least
 * size becomes what most of its faces border on, background included, other such islands and the end of the volume left
 * out; of equals the lowest label, and background where nothing is left.
 * @param leastVoxels by label; background (0) is never an island
 */
export function* dissolveIslands(labels: Labels, leastVoxels: readonly number[]): Steps<void> {
  const { data } = labels;
  const watched = Uint8Array.from({ length: 256 }, (_, label) => (label > 0 && leastVoxels[label] > 1 ? 1 : 0));
  const runs = yield* findRuns(labels, watched);
  const { start, end } = runs;
  const island = yield* joinRuns(labels, runs);

  const voxels = voxelsOf(island, runs);
  const members = new Map<number, number[]>();
  for (let run = 0; run < island.length; run++) {
    if (voxels[island[run]] >= leastVoxels[data[start[run]]]) continue;
    const others = members.get(island[run]);
    if (others) others.push(run);
    else members.set(island[run], [run]);
  }
  const paint = (own: number[], label: number) => {
    for (const run of own) data.fill(label, start[run], end[run]);
  };
  const tooSmall = [...members.values()];
  for (const own of tooSmall) paint(own, UNDECIDED);
  const becomes: number[] = [];
  for (const own of tooSmall) {
    becomes.push(surroundings(labels, runs, own));
    yield;
  }
  for (const [index, own] of tooSmall.entries()) paint(own, becomes[index]);
}

/** A box of voxels and how many of them belong to what it was drawn around. */
export interface Island {
  readonly startXyz: Triple;
  readonly dimsXyz: Triple;
  readonly voxels: number;
}

/**
 * The largest island of everything that is labelled, whatever its labels; of equals the first in memory. Voxels that share
 * a face, an edge or a corner are one island. null where nothing is labelled.
 */
export function* largestIsland({ data, dimsXyz }: Labels): Steps<Island | null> {
  const anything = { data: data.map((label) => Math.min(label, 1)), dimsXyz };
  const runs = yield* findRuns(anything, Uint8Array.of(0, 1));
  const { start, end } = runs;
  const island = yield* joinRuns(anything, runs);
  const voxels = voxelsOf(island, runs);
  let largest = -1;
  for (const of of island) if (largest < 0 || voxels[of] > voxels[largest]) largest = of;
  if (largest < 0) return null;
  const [nx, ny] = dimsXyz;
  const low = [...dimsXyz];
  const high = [0, 0, 0];
  for (let run = 0; run < island.length; run++) {
    if (island[run] !== largest) continue;
    const first = [start[run] % nx, Math.floor(start[run] / nx) % ny, Math.floor(start[run] / (nx * ny))];
    const length = [end[run] - start[run], 1, 1];
    for (let axis = 0; axis < 3; axis++) {
      low[axis] = Math.min(low[axis], first[axis]);
      high[axis] = Math.max(high[axis], first[axis] + length[axis]);
    }
  }
  const dims = high.map((to, axis) => to - low[axis]);
  return { startXyz: low as unknown as Triple, dimsXyz: dims as unknown as Triple, voxels: voxels[largest] };
}

/** The runs of labels that are `watched`. */
function* findRuns({ data, dimsXyz: [nx, ny, nz] }: Labels, watched: Uint8Array): Steps<Runs> {
  const scan = (z: number, found: (row: number, from: number, to: number) => void): void => {
    for (let row = z * ny; row < (z + 1) * ny; row++) {
      const last = (row + 1) * nx;
      for (let i = row * nx; i < last; ) {
        const from = i;
        const label = data[from];
        do i++;
        while (i < last && data[i] === label);
        if (watched[label]) found(row, from, i);
      }
    }
  };
  const firstOfRow = new Int32Array(ny * nz + 1);
  for (let z = 0; z < nz; z++) {
    scan(z, (row) => firstOfRow[row + 1]++);
    yield;
  }
  for (let row = 0; row < ny * nz; row++) firstOfRow[row + 1] += firstOfRow[row];
  const count = firstOfRow[ny * nz];
  const start = new Int32Array(count);
  const end = new Int32Array(count);
  let run = 0;
  for (let z = 0; z < nz; z++) {
    scan(z, (_, from, to) => {
      start[run] = from;
      end[run++] = to;
    });
    yield;
  }
  return { start, end, firstOfRow };
}

/** For each run the island it belongs to, named by one of its runs: union-find. */
function* joinRuns({ data, dimsXyz: [nx, ny, nz] }: Labels, { start, end, firstOfRow }: Runs): Steps<Int32Array> {
  const parent = Int32Array.from(start.keys());
  const find = (run: number): number => {
    let at = run;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  /** Joins runs of one label in two rows where they touch: overlap along x, or at a corner. */
  const joinRows = (row: number, before: number): void => {
    const shift = (row - before) * nx;
    let other = firstOfRow[before];
    for (let run = firstOfRow[row]; run < firstOfRow[row + 1]; run++) {
      while (other < firstOfRow[before + 1] && end[other] + shift < start[run]) other++;
      for (let at = other; at < firstOfRow[before + 1] && start[at] + shift <= end[run]; at++) {
        if (data[start[at]] === data[start[run]]) parent[find(run)] = find(at);
      }
    }
  };
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      const row = y + ny * z;
      if (y > 0) joinRows(row, row - 1);
      if (z === 0) continue;
      for (let dy = -1; dy <= 1; dy++) if (y + dy >= 0 && y + dy < ny) joinRows(row, row - ny + dy);
    }
    yield;
  }
  return parent.map((_, run) => find(run));
}

/** How large each island is, at the place of the run that it is named by. */
function voxelsOf(island: Int32Array, { start, end }: Runs): Int32Array {
  const voxels = new Int32Array(island.length);
  for (let run = 0; run < island.length; run++) voxels[island[run]] += end[run] - start[run];
  return voxels;
}

/** The label that most faces of an island border on. Its own voxels are UNDECIDED. */
function surroundings({ data, dimsXyz }: Labels, { start, end }: Runs, island: readonly number[]): number {
  const faces = new Int32Array(256);
  for (const run of island) {
    for (const [from, to] of neighbours(start[run], end[run], dimsXyz)) {
      for (let i = from; i < to; i++) faces[data[i]]++;
    }
  }
  faces[UNDECIDED] = 0;
  return faces.indexOf(Math.max(...faces));
}

/** The stretches of voxels that share a face with a run. */
function neighbours(start: number, end: number, [nx, ny, nz]: Triple): [from: number, to: number][] {
  const x = start % nx;
  const y = Math.floor(start / nx) % ny;
  const z = Math.floor(start / (nx * ny));
  const stretches: [number, number][] = [];
  if (x > 0) stretches.push([start - 1, start]);
  if (x + end - start < nx) stretches.push([end, end + 1]);
  if (y > 0) stretches.push([start - nx, end - nx]);
  if (y < ny - 1) stretches.push([start + nx, end + nx]);
  if (z > 0) stretches.push([start - nx * ny, end - nx * ny]);
  if (z < nz - 1) stretches.push([start + nx * ny, end + nx * ny]);
  return stretches;
}
