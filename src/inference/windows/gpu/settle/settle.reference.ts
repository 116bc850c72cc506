import type { Activation } from '../../contract';
import { activated } from '../accumulate/accumulate.reference';

/** activation(channels / total) per voxel; total is the channel after the classes where it is counted. `sums` (V, channels). */
export function settleReference(
  sums: ArrayLike<number>,
  classes: number,
  activation: Activation,
  counted: boolean,
): number[] {
  const channels = classes + (counted ? 1 : 0);
  return Array.from({ length: sums.length / channels }, (_, v) => {
    const own = Array.from({ length: classes }, (_, c) => sums[v * channels + c]);
    const total = counted ? sums[v * channels + classes] : 1;
    return activated(
      own.map((value) => value / total),
      activation,
    );
  }).flat();
}
