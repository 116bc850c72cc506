/** What a run takes in graphics memory, decided before anything is allocated. Pure. */
import { InvalidInputError } from '../../../core/errors';
import { followedBy, type Message, message } from '../../../core/messages';
import type { Triple } from '../../../volume/grid';
import type { PlannedMemory } from '../../protocol';
import { isCounted, type WindowJob, windowCount } from '../contract';
import { ringDepth } from '../geometry/taps';
import { labelWords } from './finalize/finalize';
import type { GpuNetwork } from './gpuNetwork';
import { probabilityBytes } from './ring';

/** Consecutive rows [from, to) of a grid, held in a buffer of their own. */
export type Band = readonly [from: number, to: number];

export interface MemoryPlan extends PlannedMemory {
  /** Probabilities are summed as 16-bit floats. */
  readonly half: boolean;
  /** Planes of the scan's model grid held at a time, and its rows, without overlap. */
  readonly valueDepth: number;
  readonly valueBands: readonly Band[];
  /** Planes of probabilities held at a time, and rows of the padded grid; bands share a row for interpolation. */
  readonly ringDepth: number;
  readonly ringBands: readonly Band[];
  /** Output planes finished and read back at a time. */
  readonly labelPlanes: number;
  /** Bytes by purpose; their sum is `bytes`. */
  readonly parts: Readonly<Record<'probabilities' | 'network' | 'scan' | 'masks' | 'transfer', number>>;
}

export interface MemoryLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
}

export interface MemoryOptions {
  /** Bytes that the run may take altogether. */
  readonly budget?: number;
  /** 'auto' takes 16-bit sums only where 32-bit ones exceed the budget. */
  readonly sums?: 'auto' | 'f32' | 'f16';
}

/** What a display GPU of a laptop can spare beside the viewer and the browser. */
const MEMORY_BUDGET = 2e9;

/** Labels read back at a time: large enough that the wait for a readback (5 to 15 ms) hardly counts. */
const LABEL_BYTES = 8 * 2 ** 20;

/** Readbacks on their way at a time. */
export const READBACKS = 2;

/**
 * @param network what it holds is counted; what ONNX Runtime takes for its part of it cannot be, and the text says so
 * @throws InvalidInputError('graphics-memory-budget') when even 16-bit sums exceed the budget or a single row a buffer's limit
 */
export function planMemory(
  job: Omit<WindowJob, 'values' | 'weights' | 'intensities'>,
  network: Pick<GpuNetwork, 'bytesAllocated' | 'usesOnnxRuntime'>,
  limits: MemoryLimits,
  { budget = MEMORY_BUDGET, sums = 'auto' }: MemoryOptions = {},
): MemoryPlan {
  const { channels, classes, dimsDhw, patchDhw, paddedDhw, taps } = job;
  const limit = Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
  const [planes, rows, columns] = taps.map(({ lower }) => lower.length);
  const labelPlane = rows * labelWords(columns) * 4;
  const labelPlanes = Math.max(1, Math.min(planes, Math.floor(Math.min(LABEL_BYTES, limit) / labelPlane)));
  const valueDepth = Math.min(patchDhw[0], dimsDhw[0]);
  const valueBands = splitRows(dimsDhw[1], channels * valueDepth * dimsDhw[2] * 4, limit, 0);
  const scan = channels * valueDepth * dimsDhw[1] * dimsDhw[2] * 4;
  const depth = ringDepth(patchDhw[0], paddedDhw[0]);
  const windows = windowCount(job);

  const withSums = (half: boolean): MemoryPlan | null => {
    const rowBytes = depth * paddedDhw[2] * probabilityBytes({ classes, half, counted: isCounted(job) });
    const ringBands = splitRows(paddedDhw[1], rowBytes, limit, 1);
    if (!ringBands || !valueBands) return null;
    const parts = {
      probabilities: ringBands.reduce((sum, [from, to]) => sum + (to - from) * rowBytes, 0),
      network: network.bytesAllocated,
      scan,
      masks: labelPlanes * labelPlane,
      // Uploads pass through memory of the driver's, planes of the scan at a time; readbacks and small tables.
      transfer: scan + READBACKS * (labelPlanes * labelPlane + 4 * windows) + 12 * (planes + rows + columns),
    };
    const bytes = Object.values(parts).reduce((sum, part) => sum + part, 0);
    const ours = message('planned-graphics-memory', { memory: describe(bytes, parts, half) });
    const text = network.usesOnnxRuntime ? followedBy(ours, message('ort-takes-more')) : ours;
    return { half, valueDepth, valueBands, ringDepth: depth, ringBands, labelPlanes, parts, bytes, text };
  };

  const wanted = sums === 'auto' ? [false, true] : [sums === 'f16'];
  const plans = wanted.map(withSums);
  const fitting = plans.find((plan) => plan && plan.bytes <= budget);
  if (fitting) return fitting;
  throw tooLarge(paddedDhw, classes, plans.findLast((plan) => plan !== null) ?? null, budget);
}

/**
 * Splits rows into the fewest bands of at most `limit` bytes, evenly.
 * @param overlap rows that a band shares with the next
 * @returns null when not even one row beside the overlap fits
 */
export function splitRows(rows: number, rowBytes: number, limit: number, overlap: number): Band[] | null {
  const most = Math.floor(limit / rowBytes);
  if (rows <= most) return [[0, rows]];
  if (most <= overlap) return null;
  // Each band adds `step` rows to the `overlap` that the one before holds already.
  const step = Math.ceil((rows - overlap) / Math.ceil((rows - overlap) / (most - overlap)));
  const bands: Band[] = [];
  for (let from = 0; from < rows - overlap; from += step) bands.push([from, Math.min(rows, from + step + overlap)]);
  return bands;
}

function describe(bytes: number, parts: MemoryPlan['parts'], half: boolean): Message {
  return message('graphics-memory-parts', {
    total: gigabytes(bytes),
    probabilities: gigabytes(parts.probabilities),
    bits: half ? 16 : 32,
    network: gigabytes(parts.network),
    scan: gigabytes(parts.scan),
    masks: gigabytes(parts.masks + parts.transfer),
  });
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(2)} GB`;

function tooLarge(paddedDhw: Triple, classes: number, plan: MemoryPlan | null, budget: number): InvalidInputError {
  const needs = plan
    ? message('more-than-budget', { memory: describe(plan.bytes, plan.parts, plan.half), budget: gigabytes(budget) })
    : message('more-than-adapter');
  return new InvalidInputError('graphics-memory-budget', { size: paddedDhw.join(' x '), classes, needs });
}
