// certainty.wgsl — how sure finished planes are that what they label is anything at all.
//
//   sums[2 plane]     += 1                              for every voxel whose first largest class is not 0
//   sums[2 plane + 1] += round(SCALE (1 - p[0]))        for the same
//
// Whole numbers, because there are no atomic floats: the sums are the same in any order. Run once per plane, when no
// window will add to it any more. Voxels that pad the scan to a window do not count.
//
// Layout   ring: see ring.wgsl, in front of this; of planes.rows rows
//          sums: two words per plane of the padded grid
// Prelude  CLASSES GROUPS W RING SCALE, and where the scan lies: TOP <= y < BOTTOM, LEFT <= x < RIGHT
struct Planes {
  first: u32, // of this dispatch, on the padded grid
  rows: u32, // that the ring holds
  row0: u32, // the first of them
}
@group(0) @binding(0) var<uniform> planes: Planes;
@group(0) @binding(2) var<storage, read_write> sums: array<atomic<u32>>;

var<workgroup> labelled: atomic<u32>;
var<workgroup> certainty: atomic<u32>;

fn count(at: vec3u) {
  let base = ((((planes.first + at.z) % RING) * planes.rows + at.y) * W + at.x) * GROUPS;
  let background = load_ring(base).x;
  var top = vec4f(LOWEST);
  for (var g = 0u; g < GROUPS; g++) { // unroll
    top = max(top, select(vec4f(LOWEST), load_ring(base + g), isClass(g)));
  }
  if (max(max(top.x, top.y), max(top.z, top.w)) > background) {
    atomicAdd(&labelled, 1u);
    atomicAdd(&certainty, u32(round(f32(SCALE) * (1.0 - background))));
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) at: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = planes.row0 + at.y;
  if (at.x >= LEFT && at.x < RIGHT && row >= TOP && row < BOTTOM) { count(at); }
  workgroupBarrier();
  if (lane == 0u && atomicLoad(&labelled) > 0u) {
    atomicAdd(&sums[2u * (planes.first + at.z)], atomicLoad(&labelled));
    atomicAdd(&sums[2u * (planes.first + at.z) + 1u], atomicLoad(&certainty));
  }
}
