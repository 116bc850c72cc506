/** What long work is doing now, in words. */
import { type Message, message } from '../core/messages';
import type { AddProgress, AddStep, Phase, Progress, Provider } from '../inference/protocol';
import { say, t } from '../locales/say';
import { formatBytes } from './format';

const PHASES: Readonly<Record<Phase, Message>> = {
  'load-model': message('phase-load'),
  prepare: message('phase-prepare'),
  compile: message('phase-compile'),
  look: message('phase-look'),
  preview: message('phase-preview'),
  infer: message('phase-infer'),
  finish: message('phase-finish'),
};

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);

/**
 * What a run is doing: "Segmenting, window 3 of 12".
 * @param provider what the network runs on, where that is known yet
 */
export function progressText({ phase, done, total }: Progress, provider?: Provider): string {
  const onGpu = provider !== undefined && provider !== 'wasm';
  if (phase === 'compile' && !onGpu) return t('phase-compile-cpu');
  if (total > 0 && phase === 'infer') {
    return t('phase-infer-window', { window: Math.min(done + 1, total), windows: total });
  }
  if (total > 0 && phase === 'load-model') {
    return t('phase-load-so-far', { done: megabytes(done), total: megabytes(total) });
  }
  return say(PHASES[phase]);
}

/**
 * What averaging over mirrored windows costs: "(8 times as long: up to 96 runs of the network instead of 12)".
 * @param windows of the open scan, null when there is none
 */
export const mirroringCost = (passes: number, windows: number | null): string =>
  windows === null
    ? t('mirror-cost', { passes })
    : t('mirror-cost-of-scan', { passes, runs: windows * passes, windows });

/** 0 .. 1 of the current phase, or null when unknown. */
export const progressFraction = ({ done, total }: Pick<Progress, 'done' | 'total'>): number | null =>
  total > 0 ? done / total : null;

const STEPS: Readonly<Record<AddStep, Message>> = {
  wait: message('adding-wait'),
  read: message('adding-read'),
  verify: message('adding-verify'),
  try: message('adding-try'),
  keep: message('adding-keep'),
};

/** What adding a model is doing: "Verifying checksums, 1.0 MB of 9.0 MB". */
export function addingText({ step, done, total }: AddProgress): string {
  if (total === 0) return say(STEPS[step]);
  return t('adding-so-far', { step: STEPS[step], done: formatBytes(done), total: formatBytes(total) });
}
