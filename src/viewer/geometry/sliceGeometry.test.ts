import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Affine, Grid, Triple } from '../../volume/grid';
import { type Convention, PLANE_IDS, PLANES, type PlaneId } from './planes';
import {
  canonicalGrid,
  canonicalToScreen,
  canonicalToVoxel,
  canonicalToWorld,
  dataIndex,
  directionLetters,
  edgeLetters,
  type PaneSize,
  projection,
  sampledPlane,
  screenToCanonical,
  voxelToCanonical,
  zoomAt,
} from './sliceGeometry';

const PERMUTATIONS: Triple[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];
const SIGNS: Triple[] = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => [
  bits & 1 ? -1 : 1,
  bits & 2 ? -1 : 1,
  bits & 4 ? -1 : 1,
]);

const DIMS: Triple = [13, 17, 23];
const SPACING: Triple = [0.9, 1.7, 3.1];
const SIZE: PaneSize = { width: 431, height: 317 };
const FIT = { zoom: 1, panMm: [0, 0] } as const;

/** A grid whose stored axis i runs along world axis `worldAxis[i]`, forwards or backwards. */
function gridOf(worldAxis: Triple, sign: Triple): Grid {
  const m = [0, 0, 0, -31, 0, 0, 0, 12, 0, 0, 0, 57, 0, 0, 0, 1];
  for (let i = 0; i < 3; i++) m[4 * worldAxis[i] + i] = sign[i] * SPACING[i];
  return { dimsXyz: DIMS, spacingXyz: SPACING, affine: m as unknown as Affine };
}

const ORIENTATIONS = PERMUTATIONS.flatMap((worldAxis) =>
  SIGNS.map((sign) => {
    const code = [0, 1, 2].map((i) => (sign[i] > 0 ? 'RAS' : 'LPI')[worldAxis[i]]).join('');
    return { code, grid: gridOf(worldAxis, sign) };
  }),
);

/** World mm of a stored voxel, straight from the affine: independent of everything under test. */
function worldOf({ affine: m }: Grid, [i, j, k]: Triple): Triple {
  const row = (r: number) => m[r] * i + m[r + 1] * j + m[r + 2] * k + m[r + 3];
  return [row(0), row(4), row(8)];
}

/** Where a stored voxel is drawn, through the texture coordinates that the shader gets. */
function drawnAt(grid: Grid, plane: PlaneId, convention: Convention, voxel: Triple): [number, number] {
  const canonical = canonicalGrid(grid);
  const p = projection(canonical, plane, convention, SIZE, FIT);
  const slice = voxelToCanonical(canonical, voxel)[PLANES[plane].normal];
  const s = sampledPlane(canonical, p, slice);
  const target = voxel.map((index, axis) => (index + 0.5) / DIMS[axis]);
  const dot = (a: readonly number[], b: readonly number[]) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const from = target.map((t, axis) => t - s.origin[axis]);
  // `across` and `up` lie along different texture axes.
  const u = dot(from, s.across) / dot(s.across, s.across);
  const v = dot(from, s.up) / dot(s.up, s.up);
  for (let axis = 0; axis < 3; axis++) {
    expect(s.origin[axis] + u * s.across[axis] + v * s.up[axis]).toBeCloseTo(target[axis], 9);
  }
  return [u * SIZE.width, (1 - v) * SIZE.height];
}

describe.each(ORIENTATIONS)('a scan stored as $code', ({ grid }) => {
  // Far from the middle in every axis, and not symmetric.
  const a: Triple = [2, 5, 4];
  const b: Triple = [9, 11, 16];

  it('puts what lies further right, anterior and superior where the conventions want it', () => {
    const wa = worldOf(grid, a);
    const wb = worldOf(grid, b);
    for (const convention of ['radiological', 'neurological'] as const) {
      const side = convention === 'radiological' ? -1 : 1;
      const shift = (plane: PlaneId) => {
        const [ax, ay] = drawnAt(grid, plane, convention, a);
        const [bx, by] = drawnAt(grid, plane, convention, b);
        return { right: Math.sign(bx - ax), up: Math.sign(ay - by) };
      };
      const towards = (axis: number) => Math.sign(wb[axis] - wa[axis]);
      expect(shift('axial')).toEqual({ right: side * towards(0), up: towards(1) });
      expect(shift('coronal')).toEqual({ right: side * towards(0), up: towards(2) });
      expect(shift('sagittal')).toEqual({ right: -towards(1), up: towards(2) });
    }
  });

  it('has the letters of the radiological convention on every edge', () => {
    const canonical = canonicalGrid(grid);
    const letters = (plane: PlaneId) => {
      const e = edgeLetters(canonical, projection(canonical, plane, 'radiological', SIZE, FIT));
      return `${e.left} ${e.right} ${e.top} ${e.bottom}`;
    };
    expect(PLANE_IDS.map(letters)).toEqual(['R L A P', 'R L S I', 'A P S I']);
  });

  it('marks every letter that is in doubt', () => {
    const canonical = canonicalGrid(grid);
    const axial = projection(canonical, 'axial', 'radiological', SIZE, FIT);
    expect(edgeLetters(canonical, axial, true)).toEqual({ left: 'R?', right: 'L?', top: 'A?', bottom: 'P?' });
  });

  it('has the letters of the neurological convention on every edge', () => {
    const canonical = canonicalGrid(grid);
    const letters = (plane: PlaneId) => {
      const e = edgeLetters(canonical, projection(canonical, plane, 'neurological', SIZE, FIT));
      return `${e.left} ${e.right} ${e.top} ${e.bottom}`;
    };
    expect(PLANE_IDS.map(letters)).toEqual(['L R A P', 'L R S I', 'A P S I']);
  });

  it('gives a clicked point the mm that the affine gives its voxel', () => {
    const canonical = canonicalGrid(grid);
    for (const plane of PLANE_IDS) {
      const p = projection(canonical, plane, 'radiological', SIZE, FIT);
      const [x, y] = drawnAt(grid, plane, 'radiological', b);
      const slice = voxelToCanonical(canonical, b)[PLANES[plane].normal];
      const clicked = screenToCanonical(p, slice, x, y);
      canonicalToVoxel(canonical, clicked).forEach((index, axis) => {
        expect(index).toBeCloseTo(b[axis], 6);
      });
      canonicalToWorld(canonical, clicked).forEach((mm, axis) => {
        expect(mm).toBeCloseTo(worldOf(grid, b)[axis], 6);
      });
    }
  });

  it('keeps millimetres square on the screen', () => {
    const [ax, ay] = drawnAt(grid, 'axial', 'radiological', a);
    const [bx, by] = drawnAt(grid, 'axial', 'radiological', b);
    const wa = worldOf(grid, a);
    const wb = worldOf(grid, b);
    expect(Math.abs((bx - ax) / (wb[0] - wa[0]))).toBeCloseTo(Math.abs((by - ay) / (wb[1] - wa[1])), 6);
  });

  it('finds the voxel in memory', () => {
    const canonical = canonicalGrid(grid);
    expect(dataIndex(canonical, voxelToCanonical(canonical, b))).toBe(9 + 13 * (11 + 17 * 16));
    expect(dataIndex(canonical, voxelToCanonical(canonical, [13, 0, 0]))).toBe(-1);
    expect(dataIndex(canonical, voxelToCanonical(canonical, [0, -1, 0]))).toBe(-1);
  });
});

describe('an oblique scan', () => {
  /** Turned about the superior axis: x points 20 degrees from Right towards Anterior. */
  const turned = (degrees: number): Grid => {
    const c = Math.cos((degrees * Math.PI) / 180);
    const s = Math.sin((degrees * Math.PI) / 180);
    return { dimsXyz: DIMS, spacingXyz: [1, 1, 1], affine: [c, -s, 0, 5, s, c, 0, 6, 0, 0, 1, 7, 0, 0, 0, 1] };
  };

  it('says by how much', () => {
    expect(canonicalGrid(turned(18)).obliqueDegrees).toBeCloseTo(18, 6);
    expect(canonicalGrid(turned(0)).obliqueDegrees).toBe(0);
  });

  it('has two letters on an edge that points between two sides, the closer one first', () => {
    const grid = canonicalGrid(turned(20));
    const e = edgeLetters(grid, projection(grid, 'axial', 'radiological', SIZE, FIT));
    expect(e).toEqual({ left: 'RA', right: 'LP', top: 'AL', bottom: 'PR' });
  });

  it('keeps one letter when the lean is small', () => {
    const grid = canonicalGrid(turned(8));
    expect(edgeLetters(grid, projection(grid, 'axial', 'radiological', SIZE, FIT)).left).toBe('R');
  });
});

describe('directionLetters', () => {
  it.each([
    [[1, 0, 0], 'R'],
    [[-2, 0, 0], 'L'],
    [[0, 3, 0], 'A'],
    [[0, -1, 0], 'P'],
    [[0, 0, 0.5], 'S'],
    [[0, 0, -1], 'I'],
    [[-0.4, 0, 0.9], 'SL'],
  ] as [Triple, string][])('names %j %s', (direction, letters) => {
    expect(directionLetters(direction)).toBe(letters);
  });
});

describe('projection', () => {
  const grid = canonicalGrid(gridOf([1, 2, 0], [-1, 1, -1]));
  const views = fc.record({
    plane: fc.constantFrom(...PLANE_IDS),
    convention: fc.constantFrom<Convention>('radiological', 'neurological'),
    zoom: fc.double({ min: 0.3, max: 30, noNaN: true }),
    panX: fc.double({ min: -80, max: 80, noNaN: true }),
    panY: fc.double({ min: -80, max: 80, noNaN: true }),
    x: fc.double({ min: 0, max: 431, noNaN: true }),
    y: fc.double({ min: 0, max: 317, noNaN: true }),
  });

  it('undoes itself: screen to voxel to screen', () => {
    fc.assert(
      fc.property(views, ({ plane, convention, zoom, panX, panY, x, y }) => {
        const p = projection(grid, plane, convention, SIZE, { zoom, panMm: [panX, panY] });
        const back = canonicalToScreen(p, screenToCanonical(p, 3, x, y));
        expect(back[0]).toBeCloseTo(x, 6);
        expect(back[1]).toBeCloseTo(y, 6);
      }),
    );
  });

  it('zooms about the pointer: what is under it stays there', () => {
    fc.assert(
      fc.property(views, fc.double({ min: 0.5, max: 2, noNaN: true }), (view, factor) => {
        const { plane, convention, zoom, panX, panY, x, y } = view;
        const before = { zoom, panMm: [panX, panY] as const };
        const after = zoomAt(grid, plane, convention, SIZE, before, factor, x, y);
        const at = (v: typeof before) => screenToCanonical(projection(grid, plane, convention, SIZE, v), 0, x, y);
        at(after).forEach((index, axis) => {
          expect(index).toBeCloseTo(at(before)[axis], 6);
        });
      }),
    );
  });

  it('fits the slice into the pane, whichever side is the tight one', () => {
    for (const plane of PLANE_IDS) {
      for (const size of [
        { width: 900, height: 200 },
        { width: 200, height: 900 },
      ]) {
        const p = projection(grid, plane, 'radiological', size, FIT);
        const low = canonicalToScreen(p, [-0.5, -0.5, -0.5]);
        const high = canonicalToScreen(p, [grid.dims[0] - 0.5, grid.dims[1] - 0.5, grid.dims[2] - 0.5]);
        const xs = [low[0], high[0]].sort((one, other) => one - other);
        const ys = [low[1], high[1]].sort((one, other) => one - other);
        expect(xs[0]).toBeGreaterThan(0);
        expect(xs[1]).toBeLessThan(size.width);
        expect(ys[0]).toBeGreaterThan(0);
        expect(ys[1]).toBeLessThan(size.height);
      }
    }
  });

  it('moves the picture the way it is panned', () => {
    for (const plane of PLANE_IDS) {
      const still = projection(grid, plane, 'radiological', SIZE, FIT);
      const panned = projection(grid, plane, 'radiological', SIZE, { zoom: 1, panMm: [4, 7] });
      const point: Triple = [3, 3, 3];
      const [x0, y0] = canonicalToScreen(still, point);
      const [x1, y1] = canonicalToScreen(panned, point);
      expect((x1 - x0) * still.mmPerPixel).toBeCloseTo(4, 6);
      expect((y0 - y1) * still.mmPerPixel).toBeCloseTo(7, 6);
    }
  });
});
