/** What runs the network, as the page names it. */
import type { Provider } from '../inference/protocol';

export const PROVIDER_TITLES: Readonly<Record<Provider, string>> = {
  wgsl: 'Graphics processor',
  hybrid: 'Graphics processor, mostly ONNX Runtime',
  webgpu: 'Graphics processor, ONNX Runtime only',
  wasm: 'Main processor',
};
