// project.wgsl — second sweep, rows: both halves' output projections, scaled and added to the tokens.
//
//   concat  y[n] = t[n] + [ spatial[n] M_left | u[n] M_right ] + bias        u = normalised token, M from foldOutput.wgsl
//   sum     y[n] = t[n] + gain * spatial[n] + u[n] M + bias
//
// The residual scale gamma is folded into M, bias and gain. t is added in BLOCK only.
//
// Layout   t, y: (N, CG) vec4    spatial: (N, CG) vec4, the scrambled rows    matrix: mat4x4 per (output group, input group)
// Prelude  N CG OUTPUTS ROWS AHEAD BLOCK CENTRE SUM SHARED (Bindings.matrices)       (a thread owns ROWS rows, 64 apart, x OUTPUTS output groups)
// Bindings t, spatial, matrix, matrixBias, y, then norms (BLOCK) or centre (CENTRE), gain (SUM)
// Declared outside: normalised(n, g) of normalised.wgsl, load_t(i), load_spatial(i), load_matrix(i), store_y(i, v); product() of product.wgsl
// Grid     (64 ROWS rows; OUTPUTS output groups)

const THREADS = 64u;

// What the matrix of this half of the outputs applies to; rows behind the last one repeat it and are never stored.
fn source(row: u32, g: u32, output: u32) -> vec4f {
  let n = min(row, N - 1u);
  //#if !SUM
  if (output < CG / 2u) { return load_spatial(n * CG + g); }
  //#endif
  return normalised(n, g);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) group: vec3u) {
  let first = group.x * THREADS * ROWS;
  let output = group.y * OUTPUTS;
  var sums: array<vec4f, ROWS * OUTPUTS>;
  for (var g = 0u; g < CG; g += AHEAD) {
    // A thread reads along its own row: AHEAD loads in a row, while the cache line is there.
    var v: array<vec4f, AHEAD * ROWS>;
    for (var s = 0u; s < AHEAD; s++) { // unroll
      for (var r = 0u; r < ROWS; r++) { // unroll
        v[s * ROWS + r] = source(first + li + r * THREADS, g + s, output);
      }
    }
    for (var s = 0u; s < AHEAD; s++) { // unroll
      for (var o = 0u; o < OUTPUTS; o++) { // unroll
        let m = load_matrix((output + o) * CG + g + s);
        for (var r = 0u; r < ROWS; r++) { // unroll
          sums[r * OUTPUTS + o] = product(m, v[s * ROWS + r], sums[r * OUTPUTS + o]);
        }
      }
    }
  }
  for (var r = 0u; r < ROWS; r++) { // unroll
    let n = first + li + r * THREADS;
    if (n < N) {
      for (var o = 0u; o < OUTPUTS; o++) { // unroll
        let i = n * CG + output + o;
        var v = sums[r * OUTPUTS + o] + matrixBias[output + o];
        //#if SUM
        v += gain[output + o] * load_spatial(i);
        //#endif
        //#if BLOCK
        v += load_t(i);
        //#endif
        store_y(i, v);
      }
    }
  }
}
