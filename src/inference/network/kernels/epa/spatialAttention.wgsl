// spatialAttention.wgsl — second sweep, spatial half: every token attends to P learned mixtures of all tokens.
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
// Prelude  N CG DG PG HEADS LANES EACH SLICES OWN BLOCKS AHEAD BLOCK CENTRE SLICED (planEpa in plan.ts), SHARED
//          (Bindings.matrices, not SLICED)
//          DG = d/4; a thread owns EACH tokens, LANES apart, so that a matrix it reads serves them all; where tokens are
//          few, SLICES threads share a token's keys instead, and OWN = DG / SLICES groups of its q
// Bindings t, wq, bq, qScale, keysValues, spatial, then norms (BLOCK) or centre (CENTRE)
// Declared outside: normalised(n, g) of normalised.wgsl, load_wq(i), load_keysValues(i); product() of product.wgsl
// Grid     (tokens, LANES * EACH per workgroup; heads)
// Why uniform wq and keysValues (when they fit): every thread of a subgroup reads the same matrix.

const TOKENS = LANES * EACH;
const THREADS = LANES * SLICES;
const PER_SLICE = PG / SLICES;
const VALUES = HEADS * PG * DG;
//#if SLICED
var<workgroup> scratch: array<vec4f, TOKENS * max(DG, (SLICES - 1u) * (DG + 1u))>;
//#endif

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) group: vec3u) {
  let first = group.x * TOKENS;
  let head = group.y;
  let lane = li % LANES;
  //#if SLICED
  let slice = li / LANES;
  //#endif
  //#if !SLICED
  let slice = 0u;
  //#endif

  var q: array<vec4f, EACH * DG>;
  for (var g = 0u; g < CG; g += AHEAD) {
    // A thread reads along its own token: AHEAD loads in a row, while the cache line is there.
    var v: array<vec4f, AHEAD * EACH>;
    for (var s = 0u; s < AHEAD; s++) { // unroll
      for (var r = 0u; r < EACH; r++) { // unroll
        // Tokens behind the last one repeat it and are never stored.
        v[s * EACH + r] = normalised(min(first + lane + r * LANES, N - 1u), g + s);
      }
    }
    for (var s = 0u; s < AHEAD; s++) { // unroll
      for (var o = 0u; o < OWN; o++) { // unroll
        let w = load_wq((head * CG + g + s) * DG + slice * OWN + o);
        for (var r = 0u; r < EACH; r++) { // unroll
          q[r * DG + o] = product(w, v[s * EACH + r], q[r * DG + o]);
        }
      }
    }
  }
  //#if SLICED
  // Each slice has its share of q's groups; now all slices read all of them.
  for (var r = 0u; r < EACH; r++) { // unroll
    for (var o = 0u; o < OWN; o++) { // unroll
      scratch[(slice * OWN + o) * TOKENS + lane + r * LANES] = q[r * DG + o];
    }
  }
  workgroupBarrier();
  for (var r = 0u; r < EACH; r++) { // unroll
    for (var o = 0u; o < DG; o++) { // unroll
      q[r * DG + o] = scratch[o * TOKENS + lane + r * LANES];
    }
  }
  workgroupBarrier();
  //#endif
  for (var o = 0u; o < DG; o++) { // unroll
    for (var r = 0u; r < EACH; r++) { // unroll
      q[r * DG + o] = (q[r * DG + o] + bq[head * DG + o]) * qScale[head * DG + o];
    }
  }

  // Online softmax over 4 BLOCKS keys at a time: the sums are rescaled whenever the largest score grows.
  var top: array<f32, EACH>;
  var total: array<f32, EACH>;
  var mixed: array<vec4f, EACH * DG>;
  for (var r = 0u; r < EACH; r++) { // unroll
    top[r] = -1e30;
  }
  for (var p = slice * PER_SLICE; p < (slice + 1u) * PER_SLICE; p += BLOCKS) {
    let at = (head * PG + p) * DG;
    // Zeroed by hand: without an initial value Dawn on SwiftShader kept the previous round's numbers.
    var scores = array<vec4f, EACH * BLOCKS>();
    for (var b = 0u; b < BLOCKS; b++) { // unroll
      for (var o = 0u; o < DG; o++) { // unroll
        let key = load_keysValues(at + b * DG + o);
        for (var r = 0u; r < EACH; r++) { // unroll
          scores[r * BLOCKS + b] = product(key, q[r * DG + o], scores[r * BLOCKS + b]);
        }
      }
    }
    for (var r = 0u; r < EACH; r++) { // unroll
      var high = vec4f(top[r]);
      for (var b = 0u; b < BLOCKS; b++) { // unroll
        high = max(high, scores[r * BLOCKS + b]);
      }
      let larger = max(max(high.x, high.y), max(high.z, high.w));
      let shrink = exp(top[r] - larger);
      top[r] = larger;
      total[r] *= shrink;
      for (var o = 0u; o < DG; o++) { // unroll
        mixed[r * DG + o] *= shrink;
      }
      for (var b = 0u; b < BLOCKS; b++) { // unroll
        scores[r * BLOCKS + b] = exp(scores[r * BLOCKS + b] - larger);
        total[r] += dot(scores[r * BLOCKS + b], vec4f(1.0));
      }
    }
    for (var b = 0u; b < BLOCKS; b++) { // unroll
      for (var o = 0u; o < DG; o++) { // unroll
        let value = load_keysValues(VALUES + at + b * DG + o);
        for (var r = 0u; r < EACH; r++) { // unroll
          mixed[r * DG + o] += scores[r * BLOCKS + b] * value;
        }
      }
    }
  }

  //#if SLICED
  if (slice > 0u) {
    let at = (slice - 1u) * (DG + 1u);
    for (var r = 0u; r < EACH; r++) { // unroll
      scratch[at * TOKENS + lane + r * LANES] = vec4f(top[r], total[r], 0.0, 0.0);
      for (var o = 0u; o < DG; o++) { // unroll
        scratch[(at + 1u + o) * TOKENS + lane + r * LANES] = mixed[r * DG + o];
      }
    }
  }
  workgroupBarrier();
  if (slice > 0u) { return; }
  for (var s = 0u; s < SLICES - 1u; s++) {
    let at = s * (DG + 1u);
    for (var r = 0u; r < EACH; r++) { // unroll
      let other = scratch[at * TOKENS + lane + r * LANES];
      let larger = max(top[r], other.x);
      let mine = exp(top[r] - larger);
      let theirs = exp(other.x - larger);
      top[r] = larger;
      total[r] = total[r] * mine + other.y * theirs;
      for (var o = 0u; o < DG; o++) { // unroll
        mixed[r * DG + o] = mixed[r * DG + o] * mine + scratch[(at + 1u + o) * TOKENS + lane + r * LANES] * theirs;
      }
    }
  }
  //#endif
  for (var r = 0u; r < EACH; r++) { // unroll
    let n = first + lane + r * LANES;
    if (n < N) {
      for (var o = 0u; o < DG; o++) { // unroll
        let value = mixed[r * DG + o] / total[r];
        let at = (4u * o * HEADS + head) * N + n;
        spatial[at] = value.x;
        spatial[at + HEADS * N] = value.y;
        spatial[at + 2u * HEADS * N] = value.z;
        spatial[at + 3u * HEADS * N] = value.w;
      }
    }
  }
}
