// voxelProduct.wgsl — a matrix times one vector per voxel: the core of pointwise, patch-conv and upsample.
//
//   store(voxel, tile, o, sum over steps of w[tile][step][o] * operand(start(voxel), step))
//
// The kernels differ in where a voxel's vector comes from (itself, a patch) and where results go (itself, a patch,
// planes). A thread owns VX voxels, THREADS apart so that neighbours read and write neighbours, and OG vec4 of outputs: a
// weight serves VX voxels, an input OG outputs. Every thread reads the same weights, from a uniform binding if they fit.
// Workgroups that share voxels follow each other, so their inputs come from cache and their outputs meet there.
//
// Layout   w: [tile][step][OG], a matrix with column = element of the input vec4 (a vec4 when the input is scalar)
// Prelude  VOXELS STEPS VX OG THREADS; flags SCALAR STATS SHARED (Bindings.matrices)
// Declared outside: load_w(i), start(voxel) -> u32, operand(start, step) -> Input, store(voxel, tile, o, sum) -> vec4f, which
//          returns what it stored, FIRST (of compilePipeline); storeStatistics() of partials.wgsl; product() of product.wgsl
//#if SCALAR
alias Input = f32;
//#endif
//#if !SCALAR
alias Input = vec4f;
//#endif

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let g = FIRST + workgroup;
  let first = g.y * (THREADS * VX) + li;
  var starts: array<u32, VX>;
  for (var v = 0u; v < VX; v++) { // unroll
    starts[v] = start(min(first + v * THREADS, VOXELS - 1u));
  }
  var acc: array<array<vec4f, OG>, VX>;
  for (var step = 0u; step < STEPS; step++) {
    var r: array<Input, VX>;
    for (var v = 0u; v < VX; v++) { // unroll
      r[v] = operand(starts[v], step);
    }
    for (var o = 0u; o < OG; o++) { // unroll
      let m = load_w((g.x * STEPS + step) * OG + o);
      for (var v = 0u; v < VX; v++) { // unroll
        //#if SCALAR
        acc[v][o] = acc[v][o] + m * r[v];
        //#endif
        //#if !SCALAR
        acc[v][o] = product(m, r[v], acc[v][o]);
        //#endif
      }
    }
  }
  var inside: array<bool, VX>;
  for (var v = 0u; v < VX; v++) { // unroll
    inside[v] = first + v * THREADS < VOXELS;
    if (inside[v]) {
      for (var o = 0u; o < OG; o++) { // unroll
        acc[v][o] = store(first + v * THREADS, g.x, o, acc[v][o]);
      }
    }
  }
  //#if STATS
  storeStatistics(li, g.y, g.x * OG, f32(min(THREADS * VX, VOXELS - g.y * (THREADS * VX))), acc, inside);
  //#endif
}
