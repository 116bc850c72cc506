/** What a choice of precision means on a provider, said to the user. */
import type { Precision, ProviderInfo } from '../protocol';

/** Adds to the reason what `precision` does there; fp32, which every provider computes by default, adds nothing. */
export function withPrecision(info: ProviderInfo, precision: Precision): ProviderInfo {
  if (precision === 'fp32') return info;
  const isOurs = info.provider === 'wgsl' || info.provider === 'hybrid';
  const said = isOurs
    ? 'Intermediate results are stored as 16-bit floats (fp16), computed with in 32 bits.'
    : "fp16 is for Organscope's own kernels; this provider runs in fp32.";
  return { ...info, reason: `${info.reason} ${said}` };
}
