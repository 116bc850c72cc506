// spatialAttention.wgsl - second sweep, spatial half: every token attends to P learned mixtures of all tokens.
//
//   q       = (Wq^T u + bq) * qScale
//   weights = softmax over p of q . keys[p]
//   spatial[(i * HEADS + head) * N + n] = sum over p of weights[p] values[p][i]
//
// The result is written channel by channel, channels ordered (i within head, head): read as (N, C) rows it is the
// published scramble, in which a row holds C consecutive tokens of one channel. Do not "fix" it: weights rely on it.
//
// Layout   t: (N, CG) vec4    norms: (N) mean, 1/deviation    wq: mat4x4 per (head, input group, output group)
//          keysValues: mat4x4 per (head, P/4, d/4), keys then values; column = channel, row = projected token
// Prelude  N CG DG PG HEADS TOKENS SLICES STAGE BLOCK CENTRE   (DG = d/4; SLICES threads share a token's keys)
// Bindings t, wq, bq, qScale, keysValues, spatial, then norms (BLOCK) or centre (CENTRE)
// Grid     (tokens, TOKENS per workgroup; heads)
// Why uniform wq and keysValues (when they fit): every thread of a subgroup reads the same matrix.

const THREADS = TOKENS * SLICES;
const STRIDE = STAGE + 1u; // odd distance between tokens: no bank conflicts
const PER_SLICE = PG / SLICES;
const VALUES = HEADS * PG * DG;
const MERGE = (SLICES - 1u) * TOKENS * (DG + 1u);
var<workgroup> scratch: array<vec4f, max(TOKENS * max(STRIDE, DG), MERGE)>;

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) group: vec3u) {
  let first = group.x * TOKENS;
  let head = group.y;
  let token = li % TOKENS;
  let slice = li / TOKENS;
  let n = first + token;

  // Each slice computes its share of q's DG groups; then all slices read all of them.
  var q: array<vec4f, DG>;
  for (var g = 0u; g < CG; g += STAGE) {
    for (var i = li; i < TOKENS * STAGE; i += THREADS) {
      let k = first + i / STAGE;
      var v = vec4f();
      if (k < N) {
        v = t[k * CG + g + i % STAGE];
        //#if BLOCK
        v = (v - norms[k].x) * norms[k].y;
        //#endif
        //#if CENTRE
        v -= centre[g + i % STAGE];
        //#endif
      }
      scratch[i / STAGE * STRIDE + i % STAGE] = v;
    }
    workgroupBarrier();
    for (var s = 0u; s < STAGE; s++) {
      let v = scratch[token * STRIDE + s];
      for (var o = 0u; o < OWN; o++) { // unroll
        q[o] += wq[(head * CG + g + s) * DG + slice * OWN + o] * v;
      }
    }
    workgroupBarrier();
  }
  //#if SLICED
  for (var o = 0u; o < OWN; o++) { // unroll
    scratch[(slice * OWN + o) * TOKENS + token] = q[o];
  }
  workgroupBarrier();
  for (var o = 0u; o < DG; o++) { // unroll
    q[o] = scratch[o * TOKENS + token];
  }
  workgroupBarrier();
  //#endif
  for (var o = 0u; o < DG; o++) { // unroll
    q[o] = (q[o] + bq[head * DG + o]) * qScale[head * DG + o];
  }

  // Online softmax over blocks of 4 BLOCKS keys: the sums are rescaled whenever the largest score grows.
  var top = -1e30;
  var total = 0.0;
  var mixed: array<vec4f, DG>;
  for (var p = slice * PER_SLICE; p < (slice + 1u) * PER_SLICE; p += BLOCKS) {
    let at = (head * PG + p) * DG;
    var scores = array<vec4f, BLOCKS>(); // zero again in every round
    var high = vec4f(top);
    for (var b = 0u; b < BLOCKS; b++) { // unroll
      for (var o = 0u; o < DG; o++) { // unroll
        scores[b] += keysValues[at + b * DG + o] * q[o];
      }
      high = max(high, scores[b]);
    }
    let larger = max(max(high.x, high.y), max(high.z, high.w));
    let shrink = exp(top - larger);
    top = larger;
    total *= shrink;
    for (var o = 0u; o < DG; o++) { // unroll
      mixed[o] *= shrink;
    }
    for (var b = 0u; b < BLOCKS; b++) { // unroll
      let weight = exp(scores[b] - top);
      total += dot(weight, vec4f(1.0));
      for (var o = 0u; o < DG; o++) { // unroll
        mixed[o] += weight * keysValues[VALUES + at + b * DG + o];
      }
    }
  }

  //#if SLICED
  if (slice > 0u) {
    let at = (slice - 1u) * (DG + 1u);
    scratch[at * TOKENS + token] = vec4f(top, total, 0.0, 0.0);
    for (var o = 0u; o < DG; o++) { // unroll
      scratch[(at + 1u + o) * TOKENS + token] = mixed[o];
    }
  }
  workgroupBarrier();
  if (slice > 0u) { return; }
  for (var s = 0u; s < SLICES - 1u; s++) {
    let at = s * (DG + 1u);
    let other = scratch[at * TOKENS + token];
    let larger = max(top, other.x);
    let mine = exp(top - larger);
    let theirs = exp(other.x - larger);
    top = larger;
    total = total * mine + other.y * theirs;
    for (var o = 0u; o < DG; o++) { // unroll
      mixed[o] = mixed[o] * mine + scratch[(at + 1u + o) * TOKENS + token] * theirs;
    }
  }
  //#endif
  if (n >= N) { return; }
  for (var o = 0u; o < DG; o++) { // unroll
    let value = mixed[o] / total;
    let at = (4u * o * HEADS + head) * N + n;
    spatial[at] = value.x;
    spatial[at + HEADS * N] = value.y;
    spatial[at + 2u * HEADS * N] = value.z;
    spatial[at + 3u * HEADS * N] = value.w;
  }
}
