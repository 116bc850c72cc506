// settle.wgsl — turns the sums of finished planes into what is interpolated, in place.
//
//   ring[v] = act(ring[v] / total)       total = channel CLASSES with COUNTED, else 1
//
// act = softmax over the classes with SOFTMAX, 1 / (1 + exp(-x)) with SIGMOID, else nothing: MONAI averages logits under
// weights that do not sum to 1 and makes probabilities of them afterwards. Run once per plane, when no window will add
// to it any more and before finalize.wgsl reads it.
//
// Layout   ring: see ring.wgsl, in front of this; of slab.rows rows
// Prelude  CLASSES GROUPS CLASS_GROUPS W RING; flags SOFTMAX SIGMOID COUNTED
struct Slab {
  plane: u32, // first plane of this dispatch, on the padded grid
  rows: u32,
}
@group(0) @binding(0) var<uniform> slab: Slab;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) at: vec3u) {
  if (at.x >= W) { return; }
  let base = ((((slab.plane + at.z) % RING) * slab.rows + at.y) * W + at.x) * GROUPS;
  var scale = 1.0;
  //#if COUNTED
  scale = 1.0 / load_ring(base + CLASSES / 4u)[CLASSES % 4u];
  //#endif
  var p = array<vec4f, CLASS_GROUPS>();
  var top = vec4f(LOWEST);
  for (var g = 0u; g < CLASS_GROUPS; g++) { // unroll
    p[g] = load_ring(base + g) * scale;
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
    store_ring(base + g, select(vec4f(), p[g], isClass(g)));
  }
}
