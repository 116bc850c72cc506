/** Predictions, adapters and self-tests in words. */
import { type Message, message } from '../core/messages';
import { describeAdapter } from '../inference/gpu/adapter';
import type { AdapterFacts, RunPlan, SelfTestAnswer, Span } from '../inference/protocol';
import { say, t } from '../locales/say';
import { formatBytes, formatSeconds } from './format';

/** Up to this ratio a span reads as one number. */
const NARROW = 1.5;

/** "about 40 s", "30 s to 2 min 00 s". @param span seconds */
export function timeSpan({ least, most }: Span): string {
  if (most < 1) return t('time-under', { time: formatSeconds(1) });
  const [from, to] = [formatSeconds(least), formatSeconds(most)];
  if (from === to || most <= least * NARROW) return t('time-about', { time: formatSeconds(Math.sqrt(least * most)) });
  return t('time-between', { least: from, most: to });
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** "About 40 s and 1.2 GB on nvidia ampere. 8.0 MB to download."; null where nothing is known. */
export function planText({ provider, prediction, memory, downloadBytes }: RunPlan): string | null {
  if (!provider || !prediction) return null;
  const time = timeSpan(prediction.seconds);
  const bytes = memory && formatBytes(memory.bytes);
  // What ONNX Runtime takes for the network is not known beforehand.
  const about = !bytes
    ? time
    : provider.provider === 'wgsl'
      ? t('time-and-memory', { time, memory: bytes })
      : t('time-and-memory-beside', { time, memory: bytes });
  const { adapter } = provider;
  const line =
    prediction.basis === 'earlier-runs'
      ? t('plan-line', { about: capital(about), adapter })
      : t('plan-line-first', { about, adapter });
  return downloadBytes > 0 ? t('plan-line-download', { line, bytes: formatBytes(downloadBytes) }) : line;
}

export const adapterName = (adapter: AdapterFacts): string => say(describeAdapter(adapter));

const OUTCOMES: Readonly<Record<SelfTestAnswer['outcome'], Message>> = {
  passed: message('test-passed'),
  failed: message('test-failed'),
  'no-reference': message('test-no-reference'),
};

/** "passed, off by 2e-6 of 0.001 allowed" */
export function selfTestText(answer: SelfTestAnswer | null | undefined): string {
  if (!answer) return t('test-none');
  const result = OUTCOMES[answer.outcome];
  if (answer.error === null || answer.tolerance === null) return say(result);
  const digits = (value: number) => String(Number(value.toPrecision(2)));
  return t('test-error', { result, error: digits(answer.error), tolerance: digits(answer.tolerance) });
}

/** How a run compares with what was expected: "took 43 s, predicted about 40 s, 8 % longer". */
export function expectedText({ least, most, took }: Span & { readonly took: number }): string {
  const ratio = took / Math.sqrt(least * most);
  const percent = Math.round(100 * (ratio - 1));
  let off: Message | string = '';
  if (ratio >= 2) off = message('off-times', { times: String(Number(ratio.toPrecision(2))) });
  else if (percent > 0) off = message('off-longer', { percent });
  else if (percent < 0) off = message('off-shorter', { percent: -percent });
  return t('last-run-took', { took: formatSeconds(took), time: timeSpan({ least, most }), off });
}
