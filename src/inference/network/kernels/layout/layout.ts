/** Between ONNX's planar (C, voxels) and the kernels' channels last (voxels, C padded to 4). */
import { channelGroups, type Recorder, type TensorId } from '../../../gpu/recorder';
import { Bindings } from '../../../gpu/wgsl';
import { declareOperand, type Operand } from '../norm/normalized';

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
  const y = op.out ?? r.activation(op.label, op.voxels * channelGroups(op.channels));
  const bindings = new Bindings(r);
  bindings.vec4s('y', 'write', y);
  record(
    r,
    op,
    { x: op.x, planarChannels: op.channels },
    bindings,
    'store_y(voxel * GROUPS + group, x(voxel, group));',
  );
  return y;
}

/** (voxels, C padded), finished or with its norm still to apply -> (C, voxels). */
export function recordToPlanar(r: Recorder, op: LayoutOp & { readonly x: Operand }): TensorId {
  const y = op.out ?? r.temporary(op.label, op.voxels * 4 * op.channels);
  const bindings = new Bindings(r);
  bindings.add('y', 'write', 'array<f32>', y);
  const store = `let v = x(voxel, group);
  for (var c = 0u; c < 4u; c++) {
    if (group * 4u + c < CHANNELS) { y[(group * 4u + c) * VOXELS + voxel] = v[c]; }
  }`;
  record(r, op, op.x, bindings, store);
  return y;
}

function record(r: Recorder, op: LayoutOp, operand: Operand, bindings: Bindings, store: string): void {
  const { label, voxels, channels } = op;
  const groups = channelGroups(channels);
  const workgroups = rows(voxels * groups);
  const x = declareOperand(bindings, 'x', operand, groups, voxels);
  // Neighbouring threads take neighbouring voxels of one group, so that planar rows are contiguous.
  const main = `@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) at: vec3u) {
  let n = at.y * ROW + at.x;
  if (n >= VOXELS * GROUPS) { return; }
  let voxel = n % VOXELS;
  let group = n / VOXELS;
  ${store}
}
`;
  const constants = { VOXELS: voxels, CHANNELS: channels, GROUPS: groups, ROW: workgroups[0] * 64 };
  r.dispatch(
    {
      label: `${label} layout`,
      code: bindings.shader(x + main, constants),
      access: bindings.access,
      workgroups,
      flops: 0,
      bytes: bindings.bytes,
    },
    bindings.tensors,
  );
}
