/**
 * Cutting one run into dispatches and submits short enough for a GPU that also draws the screen: a dispatch cannot be
 * interrupted, and other programs get their turn between submits. On a fast adapter nothing is cut.
 */
import type { Triple } from '../../volume/grid';
import type { Kernel } from './recorder';

/** How long a dispatch or submit may take: half a frame at 60 Hz. */
const TURN_MS = 8;

/**
 * Arithmetic in whose time a byte moves, to estimate a kernel's share of a run. Laptop GPUs have 17 to 36 flop per byte at
 * their peaks; kernels reach about half of the first and most of the second.
 */
const FLOPS_PER_BYTE = 12;

/**
 * Share of an adapter's arithmetic that is counted on before anything ran. Too low a guess costs a few submits of one
 * run, too high a one may be stopped by the driver's watchdog, after 2 s on Windows.
 */
const LEAST_SHARE = 0.1;

/** Of an adapter that nobody has measured, 10^9 operations a second: half of the slowest ones in use. */
const UNMEASURED_GFLOPS = 100;

/**
 * How long a run may take on an adapter on which it has never run, in milliseconds: rather too long than too short.
 * @param gflops measured arithmetic, if it was (gpu/arithmeticRate.ts)
 */
export function estimateRun(kernels: readonly Kernel[], gflops: number = UNMEASURED_GFLOPS): number {
  return kernels.reduce((sum, kernel) => sum + cost(kernel), 0) / (LEAST_SHARE * gflops * 1e6);
}

/** In operations. */
const cost = ({ flops, bytes }: Kernel): number => flops + FLOPS_PER_BYTE * bytes;

/** A dispatch of a run, or a part of one. */
export interface Piece {
  /** Index of the kernel. */
  readonly step: number;
  /** First workgroup, and how many. */
  readonly first: Triple;
  readonly workgroups: Triple;
}

/**
 * @param kernels of one run, in order
 * @param runMs how long a run takes, null when that is not known: then nothing is cut
 * @returns the pieces of every submit, in order. 100 ms spent half on a kernel of 16 workgroups, half on one that cannot
 *   be cut -> 7 submits of 3, 3, 3, 3, 2, 2 workgroups... and the second kernel
 */
export function scheduleRun(kernels: readonly Kernel[], runMs: number | null): Piece[][] {
  const total = kernels.reduce((sum, kernel) => sum + cost(kernel), 0);
  const submits: Piece[][] = [[]];
  let submitMs = 0;
  for (const [step, kernel] of kernels.entries()) {
    const kernelMs = runMs === null || total === 0 ? 0 : (runMs * cost(kernel)) / total;
    const cut = cutDispatch(kernel, step, Math.ceil(kernelMs / TURN_MS));
    for (const piece of cut) {
      const ms = kernelMs / cut.length;
      if (submitMs > 0 && submitMs + ms > TURN_MS) {
        submits.push([]);
        submitMs = 0;
      }
      submits[submits.length - 1].push(piece);
      submitMs += ms;
    }
  }
  return submits;
}

/** Equal parts, give or take one workgroup: 5 workgroups in 3 parts -> 1, 2, 2. */
function cutDispatch({ workgroups, splitAxis }: Kernel, step: number, wanted: number): Piece[] {
  if (splitAxis === undefined || wanted <= 1) return [{ step, first: [0, 0, 0], workgroups }];
  const size = workgroups[splitAxis];
  const parts = Math.min(size, wanted);
  const along = (value: number, others: Triple): Triple => {
    const triple: [number, number, number] = [...others];
    triple[splitAxis] = value;
    return triple;
  };
  return Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((part * size) / parts);
    const to = Math.floor(((part + 1) * size) / parts);
    return { step, first: along(from, [0, 0, 0]), workgroups: along(to - from, workgroups) };
  });
}
