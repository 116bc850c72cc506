/** Between ONNX's planar (C, voxels) and the kernels' channels last (voxels, C padded to 4). */
import { prelude } from '../../gpu/pipelines';
import type { Recorder, TensorId } from '../../gpu/program';
import { Bindings } from '../../gpu/wgsl';
import { channelGroups, declareOperand, type Operand } from '../norm/normalized';

export interface LayoutOp {
  readonly label: string;
  readonly voxels: number;
  readonly channels: number;
  readonly out?: TensorId;
}

/** One thread per vec4; a long row of workgroups is folded, since a dimension holds at most 65535. */
function rows(size: number): readonly [number, number, number] {
  const needed = Math.ceil(size / 64);
  const across = Math.min(needed, 65535);
  return [across, Math.ceil(needed / across), 1];
}

/** (C, voxels) -> (voxels, C padded with zeros). */
export function recordToChannelsLast(r: Recorder, op: LayoutOp & { readonly x: TensorId }): TensorId {
  return record(
    r,
    op,
    { x: op.x, planarChannels: op.channels },
    'y[i] = x(voxel, group);',
    16 * channelGroups(op.channels),
  );
}

/** (voxels, C padded), finished or with its norm still to apply -> (C, voxels). */
export function recordToPlanar(r: Recorder, op: LayoutOp & { readonly x: Operand }): TensorId {
  const store = `let v = x(voxel, group);
  for (var c = 0u; c < 4u; c++) {
    if (group * 4u + c < CHANNELS) { y[(group * 4u + c) * VOXELS + voxel] = v[c]; }
  }`;
  return record(r, op, op.x, store, 4 * op.channels, 'array<f32>');
}

function record(
  r: Recorder,
  op: LayoutOp,
  operand: Operand,
  store: string,
  bytesPerVoxel: number,
  type = 'array<vec4f>',
): TensorId {
  const { label, voxels, channels } = op;
  const groups = channelGroups(channels);
  const workgroups = rows(voxels * groups);
  const y = op.out ?? r.temporary(label, voxels * bytesPerVoxel);
  const bindings = new Bindings();
  const x = declareOperand(bindings, 'x', operand, groups, voxels);
  bindings.add('y', 'write', type, y);
  // Neighbouring threads take neighbouring voxels of one group, so that planar rows are contiguous.
  const main = `@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) at: vec3u) {
  let n = at.y * ROW + at.x;
  if (n >= VOXELS * GROUPS) { return; }
  let voxel = n % VOXELS;
  let group = n / VOXELS;
  let i = voxel * GROUPS + group;
  ${store.includes('y[i]') ? '' : '_ = i;'}
  ${store}
}
`;
  r.dispatch(
    {
      label: `${label} layout`,
      code:
        prelude({ VOXELS: voxels, CHANNELS: channels, GROUPS: groups, ROW: workgroups[0] * 64 }) +
        bindings.code +
        x +
        main,
      access: bindings.access,
      workgroups,
      flops: 0,
      bytes: voxels * (16 * groups + 4 * channels),
    },
    bindings.tensors,
  );
  return y;
}
