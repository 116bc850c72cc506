// project.wgsl - second sweep, rows: both halves' output projections, scaled and added to the tokens.
//
//   concat  y[n] = t[n] + [ spatial[n] M_left | u[n] M_right ] + bias        u = normalised token, M from foldOutput.wgsl
//   sum     y[n] = t[n] + gain * spatial[n] + u[n] M + bias
//
// The residual scale gamma is folded into M, bias and gain. t is added in BLOCK only.
//
// Layout   t, y: (N, CG) vec4    spatial: (N, CG) vec4, the scrambled rows    matrix: mat4x4 per (output group, input group)
// Prelude  N CG OUTPUTS ROWS STAGE BLOCK CENTRE SUM       (a thread owns ROWS rows, 64 apart, x OUTPUTS output groups)
// Bindings t, spatial, matrix, matrixBias, y, then norms (BLOCK) or centre (CENTRE), gain (SUM)
// Grid     (64 ROWS rows; OUTPUTS output groups)

const THREADS = 64u;
const STRIDE = STAGE + 1u; // odd distance between rows: no bank conflicts
var<workgroup> tile: array<vec4f, THREADS * ROWS * STRIDE>;

fn normalised(n: u32, g: u32) -> vec4f {
  var v = t[n * CG + g];
  //#if BLOCK
  v = (v - norms[n].x) * norms[n].y;
  //#endif
  //#if CENTRE
  v -= centre[g];
  //#endif
  return v;
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) group: vec3u) {
  let first = group.x * THREADS * ROWS;
  let output = group.y * OUTPUTS;
  var sums: array<vec4f, ROWS * OUTPUTS>;
  for (var g = 0u; g < CG; g += STAGE) {
    for (var i = li; i < THREADS * ROWS * STAGE; i += THREADS) {
      let n = first + i / STAGE;
      let source = g + i % STAGE;
      var v = vec4f();
      if (n < N) {
        //#if SUM
        v = normalised(n, source);
        //#endif
        //#if !SUM
        if (output < CG / 2u) { v = spatial[n * CG + source]; } else { v = normalised(n, source); }
        //#endif
      }
      tile[i / STAGE * STRIDE + i % STAGE] = v;
    }
    workgroupBarrier();
    for (var s = 0u; s < STAGE; s++) {
      var v: array<vec4f, ROWS>;
      for (var r = 0u; r < ROWS; r++) { // unroll
        v[r] = tile[(li + r * THREADS) * STRIDE + s];
      }
      for (var o = 0u; o < OUTPUTS; o++) { // unroll
        let m = matrix[(output + o) * CG + g + s];
        for (var r = 0u; r < ROWS; r++) { // unroll
          sums[r * OUTPUTS + o] += m * v[r];
        }
      }
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < ROWS; r++) { // unroll
    let n = first + li + r * THREADS;
    if (n < N) {
      for (var o = 0u; o < OUTPUTS; o++) { // unroll
        let i = n * CG + output + o;
        var v = sums[r * OUTPUTS + o] + matrixBias[output + o];
        //#if SUM
        v += gain[output + o] * spatial[i];
        //#endif
        //#if BLOCK
        v += t[i];
        //#endif
        y[i] = v;
      }
    }
  }
}
