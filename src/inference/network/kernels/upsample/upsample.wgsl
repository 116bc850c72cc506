// upsample.wgsl — transposed convolution whose kernel equals its stride: every input voxel becomes one output patch, and
// every output voxel comes from one input voxel. Joined to voxelProduct.wgsl.
//
//   y[z*KD + kz, y*KH + ky, x*KW + kx] = finish( W[kz,ky,kx] input(z,y,x) )
//
// A tile is (tap, part of the output channels); kx varies fastest, so workgroups that complete each other's cache lines of
// y run side by side. finish() adds the skip connection, at the output voxel.
//
// Layout   y: (D*KD, H*KH, W*KW, COUT4) vec4
// Prelude  H W (input) KD KH KW TILES (per tap) COUT4 OG
// Declared outside: store_y(i, v), input(voxel, group), finish(voxel, group, sum)
fn start(voxel: u32) -> u32 { return voxel; }

fn operand(voxel: u32, step: u32) -> vec4f { return input(voxel, step); }

fn store(voxel: u32, tile: u32, o: u32, sum: vec4f) -> vec4f {
  let group = tile % TILES * OG + o;
  if (group >= COUT4) { return sum; }
  let tap = tile / TILES;
  let q = vec3u(voxel % W, voxel / W % H, voxel / (W * H)) * vec3u(KW, KH, KD)
    + vec3u(tap % KW, tap / KW % KH, tap / (KW * KH));
  let at = (q.z * (H * KH) + q.y) * (W * KW) + q.x;
  let value = finish(at, group, sum);
  store_y(at * COUT4 + group, value);
  return value;
}
