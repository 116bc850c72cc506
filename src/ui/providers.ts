/** What runs the network, as the page names it. */
import { type Message, message } from '../core/messages';
import type { ProviderChoice } from '../inference/protocol';

/** In the order in which they are offered. */
export const PROVIDER_NAMES: Readonly<Record<ProviderChoice, Message>> = {
  auto: message('automatic'),
  wgsl: message('provider-wgsl'),
  hybrid: message('provider-hybrid'),
  webgpu: message('provider-webgpu'),
  wasm: message('provider-wasm'),
};
