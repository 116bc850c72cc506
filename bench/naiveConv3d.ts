/** The baseline: one thread per output, scalar loads, index arithmetic per tap, as ONNX Runtime's Conv3DNaive does it. */
import type { Recorder, TensorId } from '../src/inference/gpu/program';
import type { Triple } from '../src/volume/volume';

/** 3x3x3 convolution, zero padding 1, channels -> channels, channels last; weight (cout, cin, 27). */
export function recordNaiveConv3d(
  r: Recorder,
  op: { x: TensorId; dimsDhw: Triple; channels: number; weight: Float32Array<ArrayBuffer>; out: TensorId },
): void {
  const { dimsDhw, channels } = op;
  const [d, h, w] = dimsDhw;
  const outputs = d * h * w * channels;
  const workgroups = Math.ceil(outputs / 64);
  const rows = Math.min(workgroups, 65535);
  r.dispatch(
    {
      label: 'naive conv3d',
      code: `
const D = ${d}; const H = ${h}; const W = ${w}; const C = ${channels};
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> w: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) g: vec3u) {
  let i = i32((g.y * ${rows}u + g.x) * 64u + li);
  if (i >= D * H * W * C) { return; }
  let co = i % C;
  let q = vec3i(i / C % W, i / (C * W) % H, i / (C * W * H)) - 1;
  var sum = 0.0;
  for (var kz = 0; kz < 3; kz++) {
    let z = q.z + kz;
    if (z < 0 || z >= D) { continue; }
    for (var ky = 0; ky < 3; ky++) {
      let row = q.y + ky;
      if (row < 0 || row >= H) { continue; }
      for (var kx = 0; kx < 3; kx++) {
        let column = q.x + kx;
        if (column < 0 || column >= W) { continue; }
        for (var ci = 0; ci < C; ci++) {
          sum += x[((z * H + row) * W + column) * C + ci] * w[(co * C + ci) * 27 + (kz * 3 + ky) * 3 + kx];
        }
      }
    }
  }
  y[i] = sum;
}`,
      access: ['read', 'read', 'write'],
      workgroups: [rows, Math.ceil(workgroups / rows), 1],
      flops: 54 * outputs * channels,
      bytes: 8 * outputs,
    },
    [op.x, r.constant('weight', op.weight), op.out],
  );
}
