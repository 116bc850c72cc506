// settle.wgsl — turns the sums of finished planes into what is interpolated, in place.
//
//   ring[v] = act(ring[v] / total)       total = channel CLASSES with COUNTED, else 1
//
// act = softmax over the classes with SOFTMAX, 1 / (1 + exp(-x)) with SIGMOID, else nothing: MONAI averages logits under
// weights that do not sum to 1 and makes probabilities of them afterwards. Run once per plane, when no window will add
// to it any more and before finalize.wgsl reads it.
//
// Layout   ring: (RING, slab.rows, W, GROUPS), plane z at z modulo RING; vec4 of floats, or with HALF two words of two
//          halves each
// Prelude  CLASSES GROUPS CLASS_GROUPS W RING; flags HALF SOFTMAX SIGMOID COUNTED
struct Slab {
  plane: u32, // first plane of this dispatch, on the padded grid
  rows: u32,
}
@group(0) @binding(0) var<uniform> slab: Slab;
//#if HALF
@group(0) @binding(1) var<storage, read_write> ring: array<vec2u>;
//#endif
//#if !HALF
@group(0) @binding(1) var<storage, read_write> ring: array<vec4f>;
//#endif

const LOWEST = -3.4e38;

fn load(at: u32) -> vec4f {
  //#if HALF
  return vec4f(unpack2x16float(ring[at].x), unpack2x16float(ring[at].y));
  //#endif
  //#if !HALF
  return ring[at];
  //#endif
}

fn store(at: u32, value: vec4f) {
  //#if HALF
  ring[at] = vec2u(pack2x16float(value.xy), pack2x16float(value.zw));
  //#endif
  //#if !HALF
  ring[at] = value;
  //#endif
}

fn isClass(group: u32) -> vec4<bool> { return vec4u(group * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(CLASSES); }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) at: vec3u) {
  if (at.x >= W) { return; }
  let base = ((((slab.plane + at.z) % RING) * slab.rows + at.y) * W + at.x) * GROUPS;
  var scale = 1.0;
  //#if COUNTED
  scale = 1.0 / load(base + CLASSES / 4u)[CLASSES % 4u];
  //#endif
  var p = array<vec4f, CLASS_GROUPS>();
  var top = vec4f(LOWEST);
  for (var g = 0u; g < CLASS_GROUPS; g++) { // unroll
    p[g] = load(base + g) * scale;
    top = max(top, select(vec4f(LOWEST), p[g], isClass(g)));
  }
  //#if SOFTMAX
  let highest = max(max(top.x, top.y), max(top.z, top.w));
  var sum = vec4f();
  for (var g = 0u; g < CLASS_GROUPS; g++) { // unroll
    p[g] = exp(p[g] - highest);
    sum += select(vec4f(), p[g], isClass(g));
  }
  let total = sum.x + sum.y + sum.z + sum.w;
  //#endif
  for (var g = 0u; g < CLASS_GROUPS; g++) { // unroll
    //#if SOFTMAX
    p[g] = p[g] / total;
    //#endif
    //#if SIGMOID
    p[g] = 1.0 / (1.0 + exp(-p[g]));
    //#endif
    store(base + g, select(vec4f(), p[g], isClass(g)));
  }
}
