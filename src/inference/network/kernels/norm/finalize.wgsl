// finalize.wgsl — combines workgroups' (mean, M2, n) into a scale and shift per channel.
//
//   norm(x)[c] = (x - mean) / sqrt(var + EPSILON) * weight[c] + bias[c] = x * scale[c] + shift[c],  var = M2 / n
//
// Mean and variance are shared by the CPG channels of a group. One workgroup per group merges its channels' records by
// Chan's formula, which never subtracts large sums: for a and b, n = na + nb, d = mb - ma,
//   mean = ma + d * nb / n     M2 = M2a + M2b + d * d * na * nb / n
// With PROJECTED the statistics are those of one input channel and channel c is that channel times projection[c], as
// after a 1x1x1 convolution from one channel: mean and variance follow without computing it.
//
// Layout   partials as in partials.wgsl, here as scalars    scaleShift: scale[4*GROUPS4], shift[4*GROUPS4], padding zero
// Prelude  RECORDS CPG RECORD_GROUPS (vec4 per record row) CHANNELS (scaled ones) PADDED GROUP_CHANNELS EPSILON
//          flags AFFINE PROJECTED
const THREADS = 128u;
var<workgroup> merged: array<vec3f, THREADS>; // mean, M2, n

fn chan(a: vec3f, b: vec3f) -> vec3f {
  let n = a.z + b.z;
  if (n == 0.0) { return a; }
  let d = b.x - a.x;
  let share = b.z / n;
  return vec3f(a.x + d * share, a.y + b.y + d * d * a.z * share, n);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) g: vec3u) {
  var own = vec3f();
  for (var i = li; i < RECORDS * CPG; i += THREADS) {
    let c = g.x * CPG + i % CPG;
    let at = ((i / CPG) * RECORD_GROUPS + c / 4u) * 12u + c % 4u;
    own = chan(own, vec3f(partials[at], partials[at + 4u], partials[at + 8u]));
  }
  merged[li] = own;
  for (var h = THREADS / 2u; h > 0u; h >>= 1u) {
    workgroupBarrier();
    if (li < h) { merged[li] = chan(merged[li], merged[li + h]); }
  }
  workgroupBarrier();
  let total = merged[0];
  let variance = total.y / total.z;
  for (var i = li; i < GROUP_CHANNELS; i += THREADS) {
    let c = g.x * GROUP_CHANNELS + i;
    //#if PROJECTED
    let p = projection[c];
    var scale = p * inverseSqrt(p * p * variance + EPSILON);
    //#endif
    //#if !PROJECTED
    var scale = inverseSqrt(variance + EPSILON);
    //#endif
    var shift = 0.0;
    //#if AFFINE
    scale *= affine[c];
    shift = affine[PADDED + c];
    //#endif
    scaleShift[c] = scale;
    scaleShift[PADDED + c] = shift - total.x * scale;
  }
  // Padding channels stay zero whatever a reader does with them.
  if (g.x == 0u && li < PADDED - CHANNELS) {
    scaleShift[CHANNELS + li] = 0.0;
    scaleShift[PADDED + CHANNELS + li] = 0.0;
  }
}
