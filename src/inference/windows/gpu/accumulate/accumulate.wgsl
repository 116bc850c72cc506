// accumulate.wgsl — adds one window's class probabilities to the averages of the whole grid.
//
//   ring[start + p] += wz[p.z] * wy[p.y] * wx[p.x] * act(logits[mirror(p)])      for every voxel p of the window
//
// act = softmax with SOFTMAX, 1 / (1 + exp(-x)) with SIGMOID, else nothing. mirror reverses the axes in window.mirror: the
// network saw the window that way. With EXCHANGE class c of a window reversed along x is the network's class EXCHANGED[c],
// which a mirror makes of it: left and right. The weights are normalised per axis beforehand, so that the sum over all
// windows is an average: no weight volume, no final division. With COUNTED they are not: the weight is max(FLOOR, wz wy wx), and
// channel CLASSES of the ring counts it, for settle.wgsl to divide by.
// Windows follow each other in the queue, so a voxel is never added to by two of them at a time.
//
// Layout   logits: (PD, PH, PW, LOGIT_GROUPS) vec4 with padding channels to ignore, or with PLANAR (CLASSES, PD, PH, PW)
//          ring: see ring.wgsl, in front of this as windowParams.wgsl is; row y at y - band.row0
//          weights: windows' weights along z, then y, then x; window.weights says where this window's begin
//          health: one word per window of the run; 1: a logit is NaN or infinite, 2: not all logits are equal
// Prelude  CLASSES GROUPS LOGIT_GROUPS W RING PD PH PW FLOOR; flags PLANAR SOFTMAX SIGMOID COUNTED EXCHANGE (with
//          EXCHANGED) SEPARATE (a group's four channels are read one by one: PLANAR or EXCHANGE)
// Why three sweeps over registers: the arrays are indexed by literals after unrolling, and exp is computed once.
struct Band {
  row0: u32, // rows it holds; others are another band's
  rows: u32,
}
@group(0) @binding(1) var<uniform> band: Band;
@group(0) @binding(2) var<storage, read> weights: array<f32>;
//#if PLANAR
@group(0) @binding(3) var<storage, read> logits: array<f32>;
//#endif
//#if !PLANAR
@group(0) @binding(3) var<storage, read> logits: array<vec4f>;
//#endif
@group(0) @binding(5) var<storage, read_write> health: array<atomic<u32>>;

const NOT_FINITE = 1u;
const VARIES = 2u;
var<workgroup> seen: atomic<u32>;

// One channel of the network.
fn channel(voxel: u32, c: u32) -> f32 {
  //#if PLANAR
  return logits[c * (PD * PH * PW) + voxel];
  //#endif
  //#if !PLANAR
  return logits[voxel * LOGIT_GROUPS + c / 4u][c % 4u];
  //#endif
}

// The channel that stands for class c in this window.
fn standIn(c: u32) -> u32 {
  //#if EXCHANGE
  if ((window.mirror & 1u) == 1u) { return EXCHANGED[c]; }
  //#endif
  return c;
}

// Logits of four classes; whatever lies in padding channels.
fn logit(voxel: u32, group: u32) -> vec4f {
  //#if SEPARATE
  var v = vec4f();
  for (var i = 0u; i < 4u; i++) { // unroll
    if (group * 4u + i < CLASSES) { v[i] = channel(voxel, standIn(group * 4u + i)); }
  }
  return v;
  //#endif
  //#if !SEPARATE
  return logits[voxel * LOGIT_GROUPS + group];
  //#endif
}

// An exponent of all ones is NaN or infinity; compilers may assume that comparisons never meet one, bits they leave alone.
fn isNotFinite(v: vec4f) -> vec4<bool> { return (bitcast<vec4u>(v) & vec4u(0x7f800000u)) == vec4u(0x7f800000u); }

fn accumulate(at: vec3u) -> u32 {
  let source = mirrored(at);
  let voxel = (source.z * PH + source.y) * PW + source.x;
  let first = vec4f(logit(0u, 0u).x);
  var bits = 0u;
  var p = array<vec4f, GROUPS>();
  var top = vec4f(LOWEST);
  for (var g = 0u; g < LOGIT_GROUPS; g++) { // unroll
    p[g] = logit(voxel, g);
    bits |= select(0u, NOT_FINITE, any(isNotFinite(p[g]) & isClass(g)));
    bits |= select(0u, VARIES, any((p[g] != first) & isClass(g)));
    top = max(top, select(vec4f(LOWEST), p[g], isClass(g)));
  }
  var total = 1.0;
  //#if SOFTMAX
  let highest = max(max(top.x, top.y), max(top.z, top.w));
  var sum = vec4f();
  for (var g = 0u; g < LOGIT_GROUPS; g++) { // unroll
    p[g] = exp(p[g] - highest);
    sum += select(vec4f(), p[g], isClass(g));
  }
  total = sum.x + sum.y + sum.z + sum.w;
  //#endif
  //#if SIGMOID
  for (var g = 0u; g < LOGIT_GROUPS; g++) { // unroll
    p[g] = 1.0 / (1.0 + exp(-p[g]));
  }
  //#endif
  for (var g = 0u; g < LOGIT_GROUPS; g++) { // unroll
    p[g] = select(vec4f(), p[g], isClass(g));
  }
  //#if COUNTED
  p[CLASSES / 4u][CLASSES % 4u] = total; // divided by it below
  //#endif
  let grid = vec3u(window.start) + at.zyx;
  if (grid.y >= band.row0 && grid.y < band.row0 + band.rows) {
    var w = weights[window.weights.x + at.z] * weights[window.weights.y + at.y] * weights[window.weights.z + at.x];
    //#if COUNTED
    w = max(w, FLOOR);
    //#endif
    let scale = w / total;
    let base = (((grid.x % RING) * band.rows + grid.y - band.row0) * W + grid.z) * GROUPS;
    for (var g = 0u; g < GROUPS; g++) { // unroll
      store_ring(base + g, load_ring(base + g) + p[g] * scale);
    }
  }
  return bits;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) at: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (at.x < PW) { atomicOr(&seen, accumulate(at)); }
  workgroupBarrier();
  if (lane == 0u) { atomicOr(&health[window.index], atomicLoad(&seen)); }
}
