/** Instance and group norm in two halves: statistics from a tensor's producer, scale and shift for its readers. */

import { invariant } from '../../../../core/invariant';
import { channelGroups, type Recorder, type TensorId } from '../../../gpu/recorder';
import { Bindings } from '../../../gpu/wgsl';
import applySource from './apply.wgsl?raw';
import finalizeSource from './finalize.wgsl?raw';
import { declareOperand, type NormalizedTensor } from './normalized';
import type { Partials } from './partials';
import partialsSource from './partials.wgsl?raw';
import statsSource from './stats.wgsl?raw';

export interface NormDispatch {
  readonly label: string;
  readonly partials: Partials;
  /** Channels share statistics in this many groups; absent: every channel has its own (instance norm). */
  readonly groups?: number;
  readonly epsilon: number;
  /** (channels) each; absent: 1 and 0. */
  readonly weight?: Float32Array;
  readonly bias?: Float32Array;
  /**
   * The norm is of a 1x1x1 convolution without bias from one channel, of which `partials` are: its weights (cout). The
   * result applies to the single plane (NormalizedTensor.residualPlane), so the convolution is never computed.
   */
  readonly projection?: Float32Array;
}

/** @returns scaleShift: scale[C] then shift[C], C padded to 4, zero in the padding; bindable as uniform or storage */
export function recordNormFinalize(r: Recorder, op: NormDispatch): TensorId {
  const { label, partials, epsilon, projection } = op;
  const groups = op.groups ?? partials.channels;
  const channels = projection?.length ?? partials.channels;
  const padded = 4 * channelGroups(channels);
  invariant(partials.channels % groups === 0, label, () => `${partials.channels} channels in ${groups} groups.`);
  invariant(!projection || partials.channels === 1, label, () => 'a projection needs one channel of statistics.');
  for (const values of [op.weight, op.bias]) {
    invariant(!values || values.length === channels, label, () => `${values?.length} values for ${channels} channels.`);
  }
  const constants = {
    ...{
      RECORDS: partials.workgroups,
      CPG: partials.channels / groups,
      RECORD_GROUPS: channelGroups(partials.channels),
    },
    ...{ CHANNELS: channels, PADDED: padded, GROUP_CHANNELS: channels / groups, EPSILON: epsilon },
    ...{ AFFINE: Boolean(op.weight ?? op.bias), PROJECTED: projection !== undefined },
  };
  const scaleShift = r.temporary(`${label} scale, shift`, padded * 8, true);
  const bindings = new Bindings(r);
  bindings.add('partials', 'read', 'array<f32>', partials.tensor);
  bindings.add('scaleShift', 'write', 'array<f32>', scaleShift);
  if (constants.AFFINE) {
    const affine = new Float32Array(2 * padded).fill(1, 0, channels);
    if (op.weight) affine.set(op.weight);
    if (op.bias) affine.set(op.bias, padded);
    bindings.add('affine', 'read', 'array<f32>', r.constant(`${label} weight, bias`, affine));
  }
  if (projection) {
    bindings.add('projection', 'read', 'array<f32>', r.constant(`${label} projection`, Float32Array.from(projection)));
  }
  r.dispatch(
    {
      label: `${label} norm`,
      code: bindings.shader(finalizeSource, constants, ['EPSILON']),
      access: bindings.access,
      workgroups: [groups, 1, 1],
      flops: 10 * partials.workgroups * partials.channels,
      bytes: bindings.bytes,
    },
    bindings.tensors,
  );
  return scaleShift;
}

/** Voxels per workgroup of recordStats: 16 per thread. */
const CHUNK = 1024;

export interface StatsOp {
  readonly label: string;
  /** (voxels, channels padded to 4), or planar (channels, voxels). */
  readonly x: TensorId;
  readonly planar?: boolean;
  readonly voxels: number;
  readonly channels: number;
}

/** Norm statistics of a tensor whose producer wrote none. */
export function recordStats(r: Recorder, op: StatsOp): Partials {
  const { label, voxels, channels } = op;
  const groups = channelGroups(channels);
  const workgroups = Math.ceil(voxels / CHUNK);
  const constants = { VOXELS: voxels, CHUNK, COUT4: groups, THREADS: 64, BOX: 64, OG: 1, VX: 1, HALF: 32 };
  const tensor = r.temporary(`${label} statistics`, workgroups * groups * 48);
  const bindings = new Bindings(r);
  const operand: NormalizedTensor = { x: op.x, planarChannels: op.planar ? channels : undefined };
  const x = declareOperand(bindings, 'x', operand, groups, voxels);
  bindings.add('partials', 'write', 'array<vec4f>', tensor);
  r.dispatch(
    {
      label: `${label} statistics`,
      code: bindings.shader(x + partialsSource + statsSource, constants),
      access: bindings.access,
      workgroups: [workgroups, groups, 1],
      flops: 4 * voxels * channels,
      bytes: bindings.bytes,
    },
    bindings.tensors,
  );
  return { tensor, workgroups, channels };
}

export interface ApplyNormOp {
  readonly label: string;
  readonly x: TensorId;
  readonly scaleShift: TensorId;
  readonly residual?: TensorId;
  readonly residualScaleShift?: TensorId;
  /** `residual` is one plane (D, H, W), see NormalizedTensor. */
  readonly residualPlane?: boolean;
  readonly activation?: { readonly slope: number };
  readonly voxels: number;
  readonly channels: number;
  readonly out?: TensorId;
}

/** act(x * scale + shift + residual * scale' + shift'), stored. */
export function recordApplyNorm(r: Recorder, op: ApplyNormOp): TensorId {
  const { label, voxels, channels } = op;
  const groups = channelGroups(channels);
  const size = voxels * groups;
  const needed = Math.ceil(size / 64);
  const rows = Math.min(needed, 65535);
  const y = op.out ?? r.activation(label, size);
  const bindings = new Bindings(r);
  const x = declareOperand(bindings, 'x', { ...op, slope: op.activation?.slope }, groups, voxels);
  bindings.vec4s('y', 'write', y);
  r.dispatch(
    {
      label: `${label} apply norm`,
      code: bindings.shader(x + applySource, { GROUPS: groups, SIZE: size, ROWS: rows }),
      access: bindings.access,
      workgroups: [rows, Math.ceil(needed / rows), 1],
      flops: 2 * voxels * channels,
      bytes: bindings.bytes,
    },
    bindings.tensors,
  );
  return y;
}
