/** A network whose input and output stay in GPU memory: what gpuWindows.ts runs over a volume. */
export interface GpuNetwork {
  /** The next window goes here: planar fp32 (channels, D, H, W). */
  readonly input: GPUBuffer;
  /** 'channels-last': (D, H, W, classes padded to a multiple of 4); 'planar': (classes, D, H, W). fp32 both. */
  readonly logitsLayout: 'planar' | 'channels-last';
  /** Graphics memory held; not what ONNX Runtime takes, which it does not tell. */
  readonly bytesAllocated: number;
  /** Whether ONNX Runtime runs a part of it. */
  readonly usesOnnxRuntime: boolean;
  /**
   * Submits one window.
   * @returns its logits, valid for whatever is submitted before `release`
   */
  submit(): Promise<GPUBuffer>;
  /** Lets the logits be overwritten. */
  release(): void;
  dispose(): Promise<void>;
}
