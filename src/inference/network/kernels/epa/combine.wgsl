// combine.wgsl — adds the chunks of the first sweep up and applies the q, k and v_spatial weights to the totals.
//
//   products = [Wq | Wk]^T S      S = sum of u u^T      and, in its last column, [Wq | Wk]^T sum of u
//   keys     = Wk^T Z  + bk esum^T + eBias              Z = sum of u e^T        (k projected over tokens, as published
//   values   = Wvs^T Z + bv esum^T + eBias              not normalised first)
//
// b = (layer norm bias) . W restores what tokenStats left out; esum is the constant sum of e over tokens.
//
// Layout   sums: (chunk, G, C) vec4       weights: (C, 3C) = [q | k | v_spatial], bound as vec4      bias: bq, bk, bv_spatial, ... (C each)
//          eConstants: (ZG, 2) vec4 = sum over tokens, bias            products: (C + 4, 2C), rows = columns of S, bound as vec4
//          keysValues: keys then values, (heads, P/4, d) vec4 of 4 projected tokens
// Prelude  C CG ZG PG CHUNKS SLICES HEADS SEPARATE SHARED (Bindings.share)
// Bindings sums, weights, bias, eConstants, products, keysValues; spread() of Bindings.share
// Grid     one workgroup per 4 columns of S, Z or the plain sum; SLICES threads share one row's chunks.

const G = CG + ZG + 1u;
const DIM = C / HEADS;
const THREADS = 128u;
var<workgroup> rows: array<vec4f, SLICES * C>;

// The totals of row c, which all threads read at the same time.
fn row(c: u32) -> vec4f {
  //#if SHARED
  return spread(rows[c][ownColumn]);
  //#endif
  //#if !SHARED
  return rows[c];
  //#endif
}

// Four outputs from `output` on, each for the workgroup's four columns.
fn fourOutputs(output: u32) -> mat4x4f {
  var sum: mat4x4f;
  for (var c = 0u; c < C; c++) {
    let w = weights[(c * 3u * C + output) / 4u];
    let r = row(c);
    sum = mat4x4f(fma(w.xxxx, r, sum[0]), fma(w.yyyy, r, sum[1]), fma(w.zzzz, r, sum[2]), fma(w.wwww, r, sum[3]));
  }
  return sum;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) group: vec3u) {
  let g = group.x;
  for (var i = li; i < SLICES * C; i += THREADS) {
    var sum = vec4f();
    for (var chunk = i / C; chunk < CHUNKS; chunk += SLICES) { sum += sums[(chunk * G + g) * C + i % C]; }
    rows[i] = sum;
  }
  workgroupBarrier();
  for (var c = li; c < C; c += THREADS) {
    var sum = rows[c];
    for (var s = 1u; s < SLICES; s++) { sum += rows[s * C + c]; }
    rows[c] = sum;
  }
  workgroupBarrier();

  if (g < CG || g == G - 1u) {
    let column = 4u * min(g, CG);
    for (var base = 0u; base < 2u * C; base += 4u * THREADS) {
      let o = base + 4u * li;
      let p = transpose(fourOutputs(min(o, 2u * C - 4u)));
      if (o < 2u * C) {
        for (var j = 0u; j < 4u; j++) { // unroll
          products[((column + j) * 2u * C + o) / 4u] = p[j];
        }
      }
    }
    return;
  }
  let z = g - CG;
  // One projection (E is F) serves keys and values; of two, the first half of the columns is for keys.
  var begin = C;
  var end = 3u * C;
  if (SEPARATE) {
    begin = select(C, 2u * C, z >= PG);
    end = begin + C;
  }
  for (var base = begin; base < end; base += 4u * THREADS) {
    let o = base + 4u * li;
    let p = fourOutputs(min(o, end - 4u));
    if (o < end) {
      let i = o % C;
      let at = (o / C - 1u) * C * PG + (i / DIM * PG + z % PG) * DIM + i % DIM;
      for (var j = 0u; j < 4u; j++) { // unroll
        keysValues[at + j] = p[j] + bias[o + j] * eConstants[2u * z] + eConstants[2u * z + 1u];
      }
    }
  }
}
