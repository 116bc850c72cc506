import type { Triple } from '../../../volume/grid';
import type { ProviderInfo } from '../../protocol';

/** A loaded network on one execution provider. Everything above this interface is plain arithmetic. */
export interface Backend {
  readonly info: ProviderInfo;
  /** Whether a window has run before: the first one compiles GPU pipelines and says nothing about speed. */
  readonly warm: boolean;
  /**
   * @param patch (channels, D, H, W) normalised intensities
   * @returns logits (C, D, H, W)
   * @throws GpuLostError when the device went away
   */
  run(patch: Float32Array, dimsDhw: Triple): Promise<Float32Array>;
  dispose(): Promise<void>;
}
