/** What a choice of precision means on a provider, said to the user. */
import { followedBy, message } from '../../core/messages';
import type { Precision, ProviderInfo } from '../protocol';

/** Adds to the reason what `precision` does there; fp32, which every provider computes by default, adds nothing. */
export function withPrecision(info: ProviderInfo, precision: Precision): ProviderInfo {
  if (precision === 'fp32') return info;
  const isOurs = info.provider === 'wgsl' || info.provider === 'hybrid';
  const said = isOurs ? message('stored-as-fp16') : message('fp16-not-here');
  return { ...info, reason: followedBy(info.reason, said) };
}
