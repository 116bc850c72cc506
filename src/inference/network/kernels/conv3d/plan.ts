/** How a 3x3x3 convolution is cut into workgroups and threads: chosen by shape, before anything is measured. */
import type { Triple } from '../../../../volume/grid';

/** Field names as in conv3d.wgsl. */
export interface Conv3dPlan {
  /** Threads over voxels (x, y, z); each owns `voxels` in a row along x. */
  readonly threadsXyz: Triple;
  readonly voxels: number;
  /** vec4 of output channels per thread. */
  readonly groups: number;
  /** Threads that share voxels and differ in output channels. */
  readonly lanes: number;
  /** Workgroups that share the walk over the input channels. */
  readonly splits: number;
  /** Uniform weights need a single output tile (lanes * groups covers cout) and at most 64 KiB. */
  readonly weights: 'uniform' | 'storage';
}

const UNIFORM_BYTES = 65536;
const THREADS = 64;
/** Workgroups of 64 threads that occupy a laptop GPU (10 to 40 cores): with fewer the input is split, aiming at `wanted`. */
const WORKGROUPS = { enough: 128, wanted: 256 };
/** Workgroup memory for the staged box, leaving 4 KiB of the portable 16 KiB for the norm statistics. */
const TILE_BYTES = 12 * 1024;
/** The most that one thread owns: voxels in a row, and vec4 of output channels for each. */
interface Share {
  readonly voxels: number;
  readonly groups: number;
  /** Threads that may share voxels and differ in outputs; 4 if absent. */
  readonly lanes?: number;
  /** Threads that run in step, so that fewer cost as much; 32 if absent. */
  readonly width?: number;
}

/**
 * 64 accumulator registers of the 128 a thread can have on Apple, NVIDIA and AMD at useful occupancy. Rather 8 x 2 than
 * 4 x 4: a weight is read once per voxel row, and weights are what is read most.
 */
const SHARE: Share = { voxels: 8, groups: 2 };

/**
 * What may be faster on one adapter or another: half the registers where a thread has fewer (Intel), and an input row read
 * once for four groups where reading weights costs little.
 */
const OTHER_SHARES: readonly Share[] = [
  { voxels: 4, groups: 2 },
  { voxels: 4, groups: 4 },
];

/**
 * For SwiftShader, whose registers are memory anyway and where a load costs about as much as ten multiply-adds: a single
 * lane, so that four threads can share the loads of weights. Nowhere else: lavapipe's compiler crashes on it.
 */
export const SWIFTSHADER_SHARE: Share = { voxels: 16, groups: 4, lanes: 1, width: 4 };

/**
 * @param steps input channel groups of 4, or planar channels
 * @param cout4 output channel groups of 4
 * @param inputBytes of one staged element: 16, or 4 when planar
 */
export function planConv3d(
  dimsDhw: Triple,
  steps: number,
  cout4: number,
  inputBytes: number,
  share: Share = SHARE,
): Conv3dPlan {
  const groups = Math.min(share.groups, cout4);
  const lanes = Math.min(share.lanes ?? 4, Math.ceil(cout4 / groups));
  const outTiles = Math.ceil(cout4 / (groups * lanes));
  const box = chooseBox(dimsDhw, lanes, groups, inputBytes, share);
  const workgroups = boxCount(dimsDhw, box) * outTiles;
  const wanted = workgroups >= WORKGROUPS.enough ? 1 : Math.min(steps, Math.ceil(WORKGROUPS.wanted / workgroups));
  // Equal shares: 5 splits of 8 steps would leave one of them idle.
  const splits = Math.ceil(steps / Math.ceil(steps / wanted));
  const weightBytes = steps * 27 * groups * lanes * 4 * inputBytes;
  const weights = outTiles === 1 && weightBytes <= UNIFORM_BYTES ? 'uniform' : 'storage';
  return { ...box, groups, lanes, splits, weights };
}

/**
 * Plans worth measuring for a shape, two to four: first the one of `planConv3d`. Parameters as there.
 */
export function candidateConv3dPlans(dimsDhw: Triple, steps: number, cout4: number, inputBytes: number): Conv3dPlan[] {
  const plans = [SHARE, ...OTHER_SHARES].map((share) => planConv3d(dimsDhw, steps, cout4, inputBytes, share));
  // Some drivers read uniform buffers one thread at a time.
  if (plans[0].weights === 'uniform') plans.push({ ...plans[0], weights: 'storage' });
  return plans.filter((plan, i) => plans.findIndex((other) => JSON.stringify(other) === JSON.stringify(plan)) === i);
}

/** What a plan belongs to: '64x128x128 16->16'. */
export function conv3dKey(dimsDhw: Triple, cin: number, cout: number): string {
  return `${dimsDhw.join('x')} ${cin}->${cout}`;
}

type Box = Pick<Conv3dPlan, 'threadsXyz' | 'voxels'>;

/** Boxes that cover the grid. */
export function boxCount(dimsDhw: Triple, { threadsXyz: [tx, ty, tz], voxels }: Box): number {
  const [d, h, w] = dimsDhw;
  return Math.ceil(w / (tx * voxels)) * Math.ceil(h / ty) * Math.ceil(d / tz);
}

/**
 * The box that costs least: threads outside the grid, and halo voxels loaded next to the ones computed, are waste.
 * 64 x 128 x 128, 2 lanes -> 1 x 4 x 8 threads of 8 voxels; 2 x 5 x 5, 4 lanes -> 1 x 5 x 2 of 5.
 */
function chooseBox(dimsDhw: Triple, lanes: number, groups: number, inputBytes: number, share: Share): Box {
  const width = share.width ?? 32;
  const threads = Math.floor(THREADS / lanes);
  const [d, h, w] = dimsDhw;
  let best: Box = { threadsXyz: [1, 1, 1], voxels: 1 };
  let bestCost = Number.POSITIVE_INFINITY;
  for (let voxels = Math.min(share.voxels, w); voxels >= 1; voxels--) {
    for (let tx = 1; tx <= Math.min(threads, Math.ceil(w / voxels)); tx++) {
      for (let ty = 1; ty <= Math.min(h, threads / tx); ty++) {
        // Fewer threads where the staged box of all of them does not fit.
        const halo = (z: number) => (tx * voxels + 2) * (ty + 2) * (z + 2);
        const tz = [threads, threads / 2, threads / 4]
          .map((most) => Math.min(d, Math.floor(most / (tx * ty))))
          .find((z) => z > 0 && halo(z) * inputBytes <= TILE_BYTES);
        if (tz === undefined) continue;
        const box: Box = { threadsXyz: [tx, ty, tz], voxels };
        // Per box and input step, in units of one voxel's products for one tap and vec4 of outputs: for every row of taps
        // a thread multiplies 3 taps x its groups x its voxels, fetches 3 weights per group (about 2 units each) and its
        // row; the halo load (about 4 units a voxel with its address) is shared.
        const used = (Math.ceil((tx * ty * tz * lanes) / width) * width) / lanes;
        const cost = boxCount(dimsDhw, box) * (used * 9 * (groups * (3 * voxels + 6) + voxels + 2) + 4 * halo(tz));
        if (cost < bestCost) [best, bestCost] = [box, cost];
      }
    }
  }
  return best;
}
