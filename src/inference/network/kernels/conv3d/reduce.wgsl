// reduce.wgsl — adds up the raw sums of a convolution whose input channels were split over SPLITS workgroups.
//
//   y[i] = finish( sum over s of sums[s][i] )
//
// Layout   sums: (SPLITS, voxels, COUT4) vec4    y: (voxels, COUT4) vec4
// Prelude  SPLITS COUT4 SIZE (= voxels * COUT4)
// Declared outside: load_sums(i), store_y(i, v), finish()
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let i = id.x;
  if (i >= SIZE) { return; }
  var sum = vec4f();
  for (var s = 0u; s < SPLITS; s++) {
    sum += load_sums(s * SIZE + i);
  }
  store_y(i, finish(i / COUT4, i % COUT4, sum));
}
