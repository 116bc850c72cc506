// channelAttention.wgsl — four rows of the channel attention and what they make of the channel values' weights.
//
//   score[j] = q_i . k_j / (max(|q_i|, 1e-12) max(|k_j|, 1e-12)) * temperature      over all tokens; i, j in one head
//   mixed[i] = softmax(score) (Wv_channel^T | bv_channel)                           so channel output = mixed [u ; 1]
//   qScale[i] = temperature2 / max(|q_i|, 1e-12)                                    for the spatial branch
//
// q_i . k_j = (Wq^T S Wk)_ij + bq_i mk_j + bk_j mq_i + N bq_i bk_j with mq, mk the weighted plain sums; no q or k is stored.
// Each number of a vec4 below belongs to one of the four rows.
//
// Layout   products: (C + 4, 2C), see combine.wgsl      weights: (C, 3C)      valueWeights: (C outputs, C inputs and a bias)
//          bias: bq, bk, bv_spatial (C each), then temperature, temperature2 (HEADS each)      mixed: (C, C + 1)
//          products and weights are bound as vec4; numbers are counted one by one
// Prelude  N C HEADS SHARED (Bindings.share)
// Bindings products, weights, valueWeights, bias, mixed, qScale; spread() of Bindings.share
// Grid     one workgroup per 4 channels i.

const DIM = C / HEADS;
const THREADS = 64u;
const TINY = 1e-12;
var<workgroup> shares: array<vec4f, THREADS>;
var<workgroup> scores: array<vec4f, DIM>;

fn safeLength(squared: vec4f) -> vec4f { return max(sqrt(max(squared, vec4f())), vec4f(TINY)); }

fn weight(c: u32, output: u32) -> f32 {
  let i = c * 3u * C + output;
  return weights[i / 4u][i % 4u];
}

// [Wq | Wk]^T S, counted number by number.
fn entry(c: u32, output: u32) -> f32 {
  let i = c * 2u * C + output;
  return products[i / 4u][i % 4u];
}

// The entries of the workgroup's four rows, which all threads read at the same time.
fn entries(c: u32, i: u32) -> vec4f {
  let at = (c * 2u * C + i) / 4u;
  //#if SHARED
  return spread(products[at][ownColumn]);
  //#endif
  //#if !SHARED
  return products[at];
  //#endif
}

fn score(j: u32) -> vec4f {
  //#if SHARED
  return spread(scores[j][ownColumn]);
  //#endif
  //#if !SHARED
  return scores[j];
  //#endif
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) group: vec3u) {
  let i = 4u * group.x;
  let head = i / DIM;
  let first = head * DIM;
  let bq = vec4f(bias[i], bias[i + 1u], bias[i + 2u], bias[i + 3u]);
  let mq = products[(C * 2u * C + i) / 4u];

  var share = vec4f();
  for (var c = li; c < C; c += THREADS) { share += products[(c * 2u * C + i) / 4u] * weights[(c * 3u * C + i) / 4u]; }
  shares[li] = share;
  workgroupBarrier();
  if (li == 0u) {
    var squared = 2.0 * bq * mq + f32(N) * bq * bq;
    for (var s = 0u; s < min(THREADS, C); s++) { squared += shares[s]; }
    let length = safeLength(squared);
    shares[0] = length;
    for (var j = 0u; j < 4u; j++) { // unroll
      qScale[i + j] = bias[3u * C + HEADS + head] / length[j];
    }
  }
  workgroupBarrier();
  let qLength = shares[0];

  for (var base = 0u; base < DIM; base += THREADS) {
    let j = min(base + li, DIM - 1u);
    let k = first + j;
    let bk = bias[C + k];
    let mk = entry(C, C + k);
    var gram = bq * mk + bk * mq + f32(N) * bq * bk;
    var norm = 2.0 * bk * mk + f32(N) * bk * bk;
    for (var c = 0u; c < C; c++) {
      let w = weight(c, C + k);
      gram = fma(entries(c, i), vec4f(w), gram);
      norm = fma(entry(c, C + k), w, norm);
    }
    // Threads behind the last one repeat it: they may share its loads.
    if (base + li == j) { scores[j] = gram / (qLength * safeLength(vec4f(norm))) * bias[3u * C + head]; }
  }
  workgroupBarrier();

  if (li == 0u) {
    var top = scores[0];
    for (var j = 1u; j < DIM; j++) { top = max(top, scores[j]); }
    shares[0] = top;
  }
  workgroupBarrier();
  for (var j = li; j < DIM; j += THREADS) { scores[j] = exp(scores[j] - shares[0]); }
  workgroupBarrier();
  if (li == 0u) {
    var total = vec4f();
    for (var j = 0u; j < DIM; j++) { total += scores[j]; }
    shares[0] = total;
  }
  workgroupBarrier();
  for (var base = 0u; base <= C; base += THREADS) {
    let c = min(base + li, C);
    var sum = vec4f();
    for (var j = 0u; j < DIM; j++) {
      sum = fma(score(j), vec4f(valueWeights[(first + j) * (C + 1u) + c]), sum);
    }
    sum /= shares[0];
    if (base + li == c) {
      for (var r = 0u; r < 4u; r++) { // unroll
        mixed[(i + r) * (C + 1u) + c] = sum[r];
      }
    }
  }
}
