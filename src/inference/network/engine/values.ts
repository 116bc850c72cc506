/** The size of a plan's values as they are handed over. */
import { InternalError } from '../../../core/errors';
import { channelGroups } from '../../gpu/recorder';
import type { PlanValue } from '../onnx/ops';

/** Channels and voxels of a value as the kernels see it: (1, C, ...) or tokens (1, N, C). */
export function valueShape(value: PlanValue): { channels: number; voxels: number } {
  const dims = value.dims;
  if (!dims || dims.length < 3) throw new InternalError('invariant', { what: `${value.name} has the shape ${dims}.` });
  if (dims.length === 3) return { voxels: dims[1], channels: dims[2] };
  return { channels: dims[1], voxels: dims.slice(2).reduce((a, b) => a * b, 1) };
}

/** Bytes of a value in ONNX's layout. */
export function planarBytes(value: PlanValue): number {
  const { channels, voxels } = valueShape(value);
  return channels * voxels * 4;
}

/** Bytes of a value as fp32 (D, H, W, C padded to a multiple of 4). */
export function channelsLastBytes(value: PlanValue): number {
  const { channels, voxels } = valueShape(value);
  return 16 * channelGroups(channels) * voxels;
}
