/** One window of noise through a network, before anybody trusts it. */
import { ModelError } from '../../core/errors';
import { type Message, message } from '../../core/messages';
import { type Manifest, outputChannels } from '../../models/manifest';
import type { Triple } from '../../volume/grid';
import type { WindowExecutor, WindowJob } from '../windows/contract';
import { linearTaps } from '../windows/geometry/taps';

/** Normal deviates, mean 0 and deviation 1, the same every time: Box-Muller over the mulberry32 generator. */
export function noise(length: number, seed = 1): Float32Array<ArrayBuffer> {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) {
    values[i] = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  }
  return values;
}

/** A scan of exactly one window. @param values (channels, D, H, W) */
export function oneWindow(
  { channels, patchDhw, ...labels }: DryRunManifest,
  values: Float32Array<ArrayBuffer>,
): WindowJob {
  const perAxis = <T>(make: (size: number) => T): [T, T, T] => [
    make(patchDhw[0]),
    make(patchDhw[1]),
    make(patchDhw[2]),
  ];
  const none: Triple = [0, 0, 0];
  return {
    channels: channels.length,
    classes: outputChannels(labels),
    values,
    dimsDhw: patchDhw,
    intensities: channels.map(() => ({ offset: 0, scale: 1, low: -10, high: 10 })),
    patchDhw,
    paddedDhw: patchDhw,
    belowDhw: none,
    starts: perAxis(() => [0]),
    weights: perAxis((size) => [new Float64Array(size).fill(1)]),
    taps: perAxis((size) => linearTaps(size, size, 0)),
  };
}

export type DryRunManifest = Pick<Manifest, 'channels' | 'labels' | 'output' | 'patchDhw'>;

const BROKEN: Readonly<Record<string, Message>> = {
  'output-not-finite': message('gives-not-finite'),
  'output-constant': message('gives-constant'),
};

/**
 * Runs the network on noise. A damaged export shows as NaN (float16 that overflowed, say) or as one value everywhere
 * (weights that are all zero), and would otherwise end as an empty but plausible mask.
 * @throws ModelError('fails-on-noise'), or what the executor throws
 */
export async function dryRun(executor: WindowExecutor, manifest: DryRunManifest): Promise<void> {
  try {
    const { channels, patchDhw } = manifest;
    const values = noise(channels.length * patchDhw[0] * patchDhw[1] * patchDhw[2]);
    await executor.run(oneWindow(manifest, values), { onWindow: async () => undefined, onSlab: () => undefined });
  } catch (cause) {
    const what = cause instanceof ModelError ? BROKEN[cause.code] : undefined;
    if (!what) throw cause;
    const { provider, adapter } = executor.info;
    throw new ModelError('fails-on-noise', { what, provider, adapter }, { cause });
  }
}
