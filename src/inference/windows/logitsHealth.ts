/** Recognising a network that computed nothing or nonsense: it would otherwise end as an empty but plausible mask. */
import { ModelError } from '../../core/errors';
import type { ProviderInfo } from '../protocol';

/** What a window's logits looked like; both false in a healthy network. */
export interface LogitsHealth {
  readonly notFinite: boolean;
  readonly constant: boolean;
}

/**
 * Looks at every logit: NaN and infinity are never right, and one value everywhere means that nothing was computed.
 * @param logits (C, D, H, W) of one window
 */
export function inspectLogits(logits: Float32Array): LogitsHealth {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  // x * 0 is 0 for every finite x and NaN otherwise: one flag for the whole window without a branch per value.
  let zero = 0;
  for (let i = 0; i < logits.length; i++) {
    const value = logits[i];
    zero += value * 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { notFinite: zero !== 0, constant: low === high };
}

/** @throws ModelError('output-not-finite' | 'output-constant') naming the provider, when a window cannot be right */
export function requireHealthy({ notFinite, constant }: LogitsHealth, info: ProviderInfo): void {
  if (!notFinite && !constant) return;
  const { provider, adapter } = info;
  const values = { provider, adapter, other: provider === 'wasm' ? 'webgpu' : 'wasm' };
  throw notFinite ? new ModelError('output-not-finite', values) : new ModelError('output-constant', values);
}
