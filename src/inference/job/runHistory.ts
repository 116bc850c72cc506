/** How long runs of a model took on this machine, and what that says about the next one. */
import type { NetworkCost } from '../../models/costs';
import type { Measurements } from '../gpu/measurements';
import type { MeasuredSpeeds, Prediction, Provider, Span, Timings } from '../protocol';
import { FLOPS } from './measureSpeeds';

/** What is kept of a model's runs on one provider; the last run counts most. */
export interface KeptRuns {
  readonly msPerWindow: number;
  /** Opening the network, and what its first window takes to be compiled. */
  readonly openMs: number;
  /** Everything but opening and windows, by voxel of the scan. */
  readonly msPerVoxel: number;
  readonly runs: number;
  /** Actual by predicted seconds of the last runs, newest last. */
  readonly misses: readonly number[];
}

/** What runs are told apart by, beside the machine. */
export interface RunOf {
  readonly sha256: string;
  readonly provider: Provider;
  readonly precision: string;
  readonly threads: number;
}

const MISSES = 6;
/** A single run says little about how far the next is off. */
const [SPREAD_OF_FEW, LEAST_SPREAD] = [1.5, 1.15];
/** From a convolution's speed to a network's: within this factor either way. */
const SPREAD_OF_SPEED = 2.5;

const nameOf = ({ sha256, provider, precision, threads }: RunOf) =>
  `runs, ${sha256} ${provider} ${precision} ${provider === 'wasm' ? threads : ''}`;

export const keptRuns = async (kept: Measurements, of: RunOf): Promise<KeptRuns | null> =>
  ((await kept.get(nameOf(of))) as KeptRuns | undefined) ?? null;

/** Remembers a run that went to its end. @param expected what had been predicted of it, if anything */
export async function keepRun(
  kept: Measurements,
  of: RunOf,
  { timings, voxels, isFresh, expected }: RunTaken,
): Promise<void> {
  const before = await keptRuns(kept, of);
  const { phaseMs, medianWindowMs } = timings;
  const windowsMs = (phaseMs.infer ?? 0) + (phaseMs.look ?? 0) + (phaseMs.preview ?? 0);
  const openMs = phaseMs.compile ?? 0;
  const ms = secondsOf(timings) * 1000;
  const miss = expected && ms / 1000 / middle(expected.seconds);
  await kept.set(nameOf(of), {
    msPerWindow: medianWindowMs,
    openMs: isFresh || !before ? openMs : before.openMs,
    msPerVoxel: Math.max(0, ms - openMs - windowsMs) / voxels,
    runs: (before?.runs ?? 0) + 1,
    misses: [...(before?.misses ?? []), ...(miss ? [miss] : [])].slice(-MISSES),
  } satisfies KeptRuns);
}

export interface RunTaken {
  readonly timings: Timings;
  /** Of the scan. */
  readonly voxels: number;
  /** Whether the network was opened for this run. */
  readonly isFresh: boolean;
  readonly expected: Prediction | null;
}

/** Seconds of a run without its download. */
export const secondsOf = ({ totalMs, phaseMs }: Timings): number => (totalMs - (phaseMs['load-model'] ?? 0)) / 1000;

/**
 * What a run will take, without its download.
 * @param windows runs of the network
 * @param speeds of this machine, for a model that has not run on it
 * @returns null where neither runs nor speeds are known
 */
export function predict(
  windows: Span,
  voxels: number,
  provider: Provider,
  { runs, speeds, cost }: Known,
): Prediction | null {
  if (runs) {
    const seconds = (count: number) => (runs.openMs + count * runs.msPerWindow + voxels * runs.msPerVoxel) / 1000;
    const spread = spreadOf(runs.misses);
    return {
      seconds: { least: seconds(windows.least) / spread, most: seconds(windows.most) * spread },
      ...{ basis: 'earlier-runs', runs: runs.runs, spread },
    };
  }
  const convolutionMs = provider === 'wasm' ? speeds?.cpuMs : speeds?.gpuMs;
  if (!cost || !convolutionMs) return null;
  const seconds = (count: number) => (count * cost.gflopPerWindow * 1e9 * convolutionMs) / FLOPS / 1000;
  const spread = SPREAD_OF_SPEED;
  return {
    seconds: { least: seconds(windows.least) / spread, most: seconds(windows.most) * spread },
    ...{ basis: 'device-speed', runs: 0, spread },
  };
}

export interface Known {
  readonly runs: KeptRuns | null;
  readonly speeds: MeasuredSpeeds | null;
  readonly cost: NetworkCost | null;
}

/** By how far the last predictions were off, twice their typical miss. */
function spreadOf(misses: readonly number[]): number {
  if (misses.length < 2) return SPREAD_OF_FEW;
  const squares = misses.reduce((sum, miss) => sum + Math.log(miss) ** 2, 0);
  return Math.max(LEAST_SPREAD, Math.exp(2 * Math.sqrt(squares / misses.length)));
}

/** Halfway by factors, as the spread goes. */
const middle = ({ least, most }: Span) => Math.sqrt(least * most);
