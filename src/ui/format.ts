/** Numbers and times as the page writes them. */
import type { AddProgress, AddStep, Phase, Progress, Provider } from '../inference/protocol';
import type { Triple } from '../volume/grid';

/** Millilitres with one decimal; a volume that would read 0.0 but is not zero says so. */
export function formatMl(ml: number): string {
  if (ml > 0 && ml < 0.05) return '< 0.1';
  return ml.toFixed(1);
}

/** Voxel edges in mm, up to three decimals, no trailing zeros: "0.977 × 0.977 × 3.27 mm". */
export const formatSpacing = (spacing: Triple): string =>
  `${spacing.map((mm) => String(Number(mm.toFixed(3)))).join(' × ')} mm`;

export const formatDims = (dims: Triple): string => dims.join(' × ');

/** "0.3 MB", "22 MB", "4.1 GB": decimal, as disks and downloads are counted. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  const megabytes = bytes / 1e6;
  return `${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB`;
}

/** "23 November 2026", from ISO 8601; what is no date as it is. */
export function formatDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toLocaleDateString('en-GB', { dateStyle: 'long' });
}

/** "8 s", "1 min 05 s", "2 h 03 min". */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** "0.84 s" below ten seconds, else as above. */
export const formatDuration = (ms: number): string =>
  ms < 10_000 ? `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s` : formatSeconds(ms / 1000);

const PHASE_TEXT: Readonly<Record<Phase, string>> = {
  'load-model': 'Loading the model',
  prepare: 'Preparing the scan',
  compile: 'Preparing the graphics processor',
  look: 'Finding the part to segment',
  infer: 'Segmenting',
  finish: 'Finishing the masks',
};

/**
 * What is happening now, in words: "Segmenting, window 3 of 12".
 * @param provider what the network runs on, where that is known yet
 */
export function progressText({ phase, done, total }: Progress, provider?: Provider): string {
  const onGpu = provider !== undefined && provider !== 'wasm';
  const what = phase === 'compile' && !onGpu ? 'Preparing the network' : PHASE_TEXT[phase];
  if (total === 0) return what;
  if (phase === 'infer') return `${what}, window ${Math.min(done + 1, total)} of ${total}`;
  if (phase === 'load-model') return `${what}, ${(done / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`;
  return what;
}

/**
 * "8 times as long: up to 96 runs of the network instead of 12".
 * @param windows of the open scan, null when there is none
 */
export function mirroringCost(passes: number, windows: number | null): string {
  const longer = `${passes} times as long`;
  return windows === null ? longer : `${longer}: up to ${windows * passes} runs of the network instead of ${windows}`;
}

/** 0 .. 1 of the current phase, or null when unknown. */
export const progressFraction = ({ done, total }: Pick<Progress, 'done' | 'total'>): number | null =>
  total > 0 ? done / total : null;

const STEP_TEXT: Readonly<Record<AddStep, string>> = {
  wait: 'Waiting for the segmentation to finish',
  read: 'Reading the files',
  verify: 'Verifying checksums',
  try: 'Trying the network on one window of noise',
  keep: 'Storing the model in this browser',
};

/** What adding a model is doing now, in words. */
export function addingText({ step, done, total }: AddProgress): string {
  return total > 0 ? `${STEP_TEXT[step]}, ${formatBytes(done)} of ${formatBytes(total)}` : STEP_TEXT[step];
}
