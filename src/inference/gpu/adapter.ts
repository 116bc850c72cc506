/** What a graphics adapter says about itself, and what to make of it. */

import { type Message, message } from '../../core/messages';
import type { AdapterFacts } from '../protocol';

/** Asks an adapter. */
export function adapterFacts(adapter: GPUAdapter): AdapterFacts {
  const info = adapter.info as (GPUAdapterInfo & { isFallbackAdapter?: boolean }) | undefined;
  const legacy = adapter as { isFallbackAdapter?: boolean };
  return {
    vendor: info?.vendor ?? '',
    architecture: info?.architecture ?? '',
    device: info?.device ?? '',
    description: info?.description ?? '',
    isFallbackAdapter: info?.isFallbackAdapter ?? legacy.isFallbackAdapter ?? false,
  };
}

/** Rasterisers that pretend to be a GPU: correct, but they compute on the processor. */
const SOFTWARE: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/swiftshader/i, 'SwiftShader'],
  [/llvmpipe/i, 'llvmpipe'],
  [/lavapipe/i, 'lavapipe'],
  [/basic render/i, 'Microsoft Basic Render Driver'],
  [/\bwarp\b/i, 'WARP'],
];

/** The software rasteriser's name, UNNAMED for one that only says it is a fallback, or null for a hardware adapter. */
export function softwareAdapterName(adapter: AdapterFacts): string | null {
  const text = [adapter.vendor, adapter.architecture, adapter.device, adapter.description].join(' ');
  const known = SOFTWARE.find(([pattern]) => pattern.test(text));
  if (known) return known[1];
  return adapter.isFallbackAdapter ? UNNAMED : null;
}

const UNNAMED = 'unnamed';

/** A software rasteriser's name for a sentence. @param name as softwareAdapterName gives it */
export const describeSoftware = (name: string): Message =>
  name === UNNAMED ? message('adapter-fallback') : message('adapter', { name });

/** e.g. 'nvidia ampere', 'google swiftshader (software)'. */
export function describeAdapter(adapter: AdapterFacts): Message {
  const name = [adapter.vendor, adapter.architecture].filter(Boolean).join(' ') || adapter.description;
  const called = name ? message('adapter', { name }) : message('adapter-unnamed');
  return softwareAdapterName(adapter) ? message('adapter-software', { adapter: called }) : called;
}
