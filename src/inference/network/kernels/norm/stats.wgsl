// stats.wgsl — norm statistics of a tensor whose producer wrote none.
//
// One workgroup reads CHUNK voxels of one channel group, twice (the second time from cache): mean, then M2.
//
// Prelude  VOXELS CHUNK COUT4; THREADS = BOX = 64, OG = VX = 1, HALF = 32 for partials.wgsl
// Declared outside: x(voxel, group), partials, workgroupSum()
@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) g: vec3u) {
  let first = g.x * CHUNK;
  let last = min(first + CHUNK, VOXELS);
  let n = f32(last - first);
  var sum = vec4f();
  for (var voxel = first + li; voxel < last; voxel += THREADS) {
    sum += x(voxel, g.y);
  }
  let mean = workgroupSum(li, array<vec4f, 1>(sum))[0] / n;
  var squares = vec4f();
  for (var voxel = first + li; voxel < last; voxel += THREADS) {
    let d = x(voxel, g.y) - mean;
    squares += d * d;
  }
  let m2 = workgroupSum(li, array<vec4f, 1>(squares))[0];
  if (li == 0u) {
    let record = (g.x * COUT4 + g.y) * 3u;
    partials[record] = mean;
    partials[record + 1u] = m2;
    partials[record + 2u] = vec4f(n);
  }
}
