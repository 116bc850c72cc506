import type { TensorId } from '../../../gpu/recorder';

/** Norm statistics as kernels write them (partials.wgsl): per workgroup and channel group a mean, M2 and count. */
export interface Partials {
  readonly tensor: TensorId;
  readonly workgroups: number;
  readonly channels: number;
}

/** First stride of a tree sum over n threads: the largest power of two below n (0 for one thread). */
export function halfOf(n: number): number {
  return n <= 1 ? 0 : 2 ** (Math.ceil(Math.log2(n)) - 1);
}
