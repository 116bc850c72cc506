// pointwise.wgsl — 1x1x1 convolution: every voxel's channels times one matrix. Joined to voxelProduct.wgsl.
//
//   y[voxel] = finish( W input(voxel) )
//
// input() may normalise, add a residual and activate on the way; finish() adds bias and residual and activates.
//
// Layout   y: (voxels, COUT4) vec4, or planar (COUT, voxels) scalars without padding
// Prelude  OG COUT4 COUT VOXELS; flag PLANAR_OUTPUT
// Declared outside: y (planar) or store_y(i, v), input(voxel, group), finish(voxel, group, sum)
fn start(voxel: u32) -> u32 { return voxel; }

fn operand(voxel: u32, step: u32) -> vec4f { return input(voxel, step); }

fn store(voxel: u32, tile: u32, o: u32, sum: vec4f) -> vec4f {
  let group = tile * OG + o;
  if (group >= COUT4) { return sum; }
  let value = finish(voxel, group, sum);
  //#if PLANAR_OUTPUT
  for (var i = 0u; i < 4u; i++) { // unroll
    if (group * 4u + i < COUT) { y[(group * 4u + i) * VOXELS + voxel] = value[i]; }
  }
  //#endif
  //#if !PLANAR_OUTPUT
  store_y(voxel * COUT4 + group, value);
  //#endif
  return value;
}
