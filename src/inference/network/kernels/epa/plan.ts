/** Tile sizes of the EPA kernels, chosen from the shapes alone. */

/** Uniform bindings hold at most this much; larger matrices are bound as storage. */
export const UNIFORM_BYTES = 65536;

export interface EpaPlan {
  /** First sweep: tokens per workgroup and per step, vec4 of rows of a thread, threads (a vec4 of columns each). */
  readonly CHUNK: number;
  readonly STEP: number;
  readonly ROWS: number;
  readonly COLS: number;
  /** Threads that share one row's chunks when these are added up. */
  readonly SUM_SLICES: number;
  /**
   * Spatial attention: threads side by side over tokens, tokens of each, threads that share a token's keys, blocks of 4
   * keys between rescalings of the softmax.
   */
  readonly LANES: number;
  readonly EACH: number;
  readonly SLICES: number;
  readonly BLOCKS: number;
  /** Projection: rows and output groups of a thread. */
  readonly ROWS_EACH: number;
  readonly OUTPUTS: number;
  /** Second sweep: channel groups loaded together. */
  readonly AHEAD: number;
}

/**
 * @param shape N tokens, C channels, heads, P projected tokens, `columns` = P or 2P of the token projections
 * @param alike threads of a workgroup should read the same keys, so that they can share loads (RecorderOptions.shareLoads)
 */
export function planEpa(
  shape: {
    tokens: number;
    channels: number;
    heads: number;
    projected: number;
    columns: number;
  },
  alike = false,
): EpaPlan {
  const { tokens, channels, heads, projected, columns } = shape;
  const groups = channels / 4;
  const ROWS = Math.min(4, groups);
  const wide = columnGroups(channels, columns);
  // Even shares in whole groups of four threads, which may share loads.
  const COLS = 4 * Math.ceil(wide / Math.ceil(wide / 64) / 4);
  const tiles = Math.ceil(groups / ROWS) * Math.ceil(wide / COLS);
  const STEP = 8;
  // About 128 workgroups, between two and 32 steps long: fewer would idle wide GPUs, more would write more sums.
  const CHUNK = STEP * clamp(Math.ceil((tokens * tiles) / 128 / STEP), 2, 32);

  const depth = channels / heads / 4;
  const keyGroups = projected / 4;
  const threads = tokens * heads;
  // A second token per thread halves what is read per product, as long as enough threads and registers remain.
  const EACH = threads >= 65536 && depth <= 4 ? 2 : 1;
  const SLICES = alike || threads >= 8192 ? 1 : largestDivisor(4, [depth, keyGroups]);
  const LANES = SLICES === 1 ? 64 : depth > 8 ? 16 : 32;
  // At most 16 matrices per round: the loops are written out, and deep heads have many registers already.
  const BLOCKS = largestDivisor(clamp(Math.floor(16 / depth), 1, 4), [keyGroups / SLICES]);
  const outputs = tokens * groups;
  const OUTPUTS = largestDivisor(outputs >= 65536 ? 4 : outputs >= 16384 ? 2 : 1, [groups / 2]);
  const ROWS_EACH = outputs >= 131072 ? 2 : 1;
  const AHEAD = largestDivisor(4, [groups]);
  const SUM_SLICES = Math.max(1, Math.floor(128 / channels));
  return { CHUNK, STEP, ROWS, COLS, SUM_SLICES, LANES, EACH, SLICES, BLOCKS, ROWS_EACH, OUTPUTS, AHEAD };
}

/** vec4 of columns that the first sweep sums up: channels, token projections, and one for the plain sum. */
export function columnGroups(channels: number, columns: number): number {
  return channels / 4 + columns / 4 + 1;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** Largest integer up to `limit` that divides every number; at least 1. */
function largestDivisor(limit: number, numbers: readonly number[]): number {
  for (let n = limit; n > 1; n--) if (numbers.every((m) => m % n === 0)) return n;
  return 1;
}
