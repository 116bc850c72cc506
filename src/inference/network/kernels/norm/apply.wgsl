// apply.wgsl — stores a tensor that its readers would otherwise normalise themselves.
//
//   y[voxel] = act(x * scale + shift + residual * scale' + shift')
//
// Worth a pass of its own only where several kernels read it, or one reads it many times.
// Prelude  GROUPS SIZE (= voxels * GROUPS) ROWS (workgroups along x)
// Declared outside: x(voxel, group), store_y(i, v)
@compute @workgroup_size(64)
fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) g: vec3u) {
  let i = (g.y * ROWS + g.x) * 64u + li;
  if (i < SIZE) { store_y(i, x(i / GROUPS, i % GROUPS)); }
}
