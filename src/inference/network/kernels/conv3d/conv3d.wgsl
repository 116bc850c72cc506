// conv3d.wgsl — 3x3x3 convolution, stride 1, zero padding 1, channels last.
//
//   y[z,y,x,co] = finish( sum over 27 taps and ci of input(z',y',x')[ci] * w[co,ci,tap] )
//
// input() reads x, normalised and activated on the way if asked; voxels outside the grid are 0 after that. finish() adds
// bias and residual and activates.
//
// A workgroup computes a box of TX*VX x TY x TZ voxels for CL*OG vec4 of output channels. It walks over the input four
// channels at a time: stage the box with its halo in workgroup memory once, use it 27 times. A thread owns VX voxels in a
// row and OG vec4 of outputs, so that a staged row serves three taps and a weight VX voxels. Threads that share voxels and
// differ in outputs (CL of them) lie BOX apart, so neighbouring threads read the same weights: from a uniform binding
// where all of them fit, else from storage. With many channels SPLITS workgroups share the walk over the input; then `y`
// receives SPLITS raw sums, added up by reduce.wgsl.
// The nine rows of taps are one loop: SwiftShader copies all accumulators at every loop's head.
//
// Layout   x, y: (D, H, W, C/4) vec4, or x planar (CIN, D, H, W) scalars, one channel per step
//          w: [output tile][input step][tap][CL*OG], a matrix with column = ci and row = co (a vec4 of co when planar)
// Prelude  D H W STEPS_PER_SPLIT STEPS COUT4 TX TY TZ VX OG CL; BOX = TX*TY*TZ THREADS HALF; ROW = VX + 2; HX HY HZ = box + halo;
//          OUT_TILES BOXES_X BOXES_Y; flags PLANAR SPLIT STATS SHARED (Bindings.matrices)
// Declared outside: x or input(), load_w(i), store_y(i, v), finish(), FIRST (of compilePipeline); storeStatistics() of
//          partials.wgsl; product() of product.wgsl

//#if PLANAR
alias Input = f32;
//#endif
//#if !PLANAR
alias Input = vec4f;
//#endif
var<workgroup> tile: array<Input, HX * HY * HZ>;

fn load(q: vec3i, step: u32) -> Input {
  if (any(q < vec3i()) || any(q >= vec3i(i32(W), i32(H), i32(D)))) { return Input(); }
  let voxel = (u32(q.z) * H + u32(q.y)) * W + u32(q.x);
  //#if PLANAR
  return x[step * (D * H * W) + voxel];
  //#endif
  //#if !PLANAR
  return input(voxel, step);
  //#endif
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) workgroup: vec3u) {
  let g = FIRST + workgroup;
  let p = li % BOX;
  let t = vec3u(p % TX, p / TX % TY, p / (TX * TY));
  let origin = vec3u(g.x % BOXES_X, g.x / BOXES_X, g.y) * vec3u(TX * VX, TY, TZ);
  let outTile = g.z % OUT_TILES;
  let split = g.z / OUT_TILES;
  let own = li / BOX * OG; // this thread's first output group within the tile

  var acc: array<array<vec4f, OG>, VX>;
  let last = min((split + 1u) * STEPS_PER_SPLIT, STEPS);
  for (var step = split * STEPS_PER_SPLIT; step < last; step++) {
    for (var i = li; i < HX * HY * HZ; i += THREADS) {
      let q = vec3u(i % HX, i / HX % HY, i / (HX * HY)) + origin;
      tile[i] = load(vec3i(q) - 1, step);
    }
    workgroupBarrier();
    for (var k = 0u; k < 9u; k++) {
      let row = ((t.z + k / 3u) * HY + t.y + k % 3u) * HX + t.x * VX;
      let tap = ((outTile * STEPS + step) * 9u + k) * 3u * (CL * OG) + own;
      var r: array<Input, ROW>;
      for (var i = 0u; i < ROW; i++) { // unroll
        r[i] = tile[row + i];
      }
      for (var o = 0u; o < OG; o++) { // unroll
        let a = load_w(tap + o);
        let b = load_w(tap + CL * OG + o);
        let c = load_w(tap + 2u * CL * OG + o);
        for (var v = 0u; v < VX; v++) { // unroll
          //#if PLANAR
          acc[v][o] = acc[v][o] + a * r[v] + b * r[v + 1u] + c * r[v + 2u];
          //#endif
          //#if !PLANAR
          acc[v][o] = product(c, r[v + 2u], product(b, r[v + 1u], product(a, r[v], acc[v][o])));
          //#endif
        }
      }
    }
    workgroupBarrier();
  }

  let first = origin + vec3u(t.x * VX, t.y, t.z);
  let row = (first.z * H + first.y) * W + first.x;
  let group = outTile * (CL * OG) + own;
  var inside: array<bool, VX>;
  for (var v = 0u; v < VX; v++) { // unroll
    inside[v] = first.x + v < W && first.y < H && first.z < D;
    for (var o = 0u; o < OG; o++) { // unroll
      if (inside[v] && group + o < COUT4) {
        //#if SPLIT
        store_y((split * (D * H * W) + row + v) * COUT4 + group + o, acc[v][o]);
        //#endif
        //#if !SPLIT
        acc[v][o] = finish(row + v, group + o, acc[v][o]);
        store_y((row + v) * COUT4 + group + o, acc[v][o]);
        //#endif
      }
    }
  }
  //#if STATS
  let box = min(vec3u(TX * VX, TY, TZ), vec3u(W, H, D) - origin);
  storeStatistics(li, g.y * (BOXES_X * BOXES_Y) + g.x, group, f32(box.x * box.y * box.z), acc, inside);
  //#endif
}
