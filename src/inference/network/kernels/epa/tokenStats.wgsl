// tokenStats.wgsl — first sweep of EPA over the tokens: everything attention needs to know about all of them.
//
//   sums = sum over this chunk's tokens of  u[n] outer [u[n] | e[n] | 1, 0, 0, 0]      u = normalised token
//
// The layer norm's weight and bias are not here: they are folded into qkvv. Leaving the bias out also keeps the sums
// small, so no digits cancel later.
//
// A thread owns 4 columns and 4 ROWS rows, which all threads of the workgroup have in common: what it multiplies comes
// from one vec4 of its own and ROWS that everybody reads.
//
// Layout   t: (N, CG) vec4     e: (N, ZG) vec4, one or two token projections side by side
//          norms: (N) vec2 = mean, 1/deviation        sums: (chunk, G, C) vec4 = 4 columns of row c; G = CG + ZG + 1
// Prelude  N C CG ZG CHUNK STEP ROWS COLS BLOCK CENTRE (planEpa in plan.ts), SHARED (Bindings.share)
// Bindings t, e, sums, then norms (BLOCK) or centre (CENTRE)
// Declared outside: normalised(n, g) of normalised.wgsl, load_e(i); spread() of Bindings.share
// Grid     (chunk, tile of 4 ROWS rows, tile of COLS vec4 of columns)

const G = CG + ZG + 1u;
var<workgroup> left: array<vec4f, STEP * ROWS>;
var<workgroup> right: array<vec4f, STEP * COLS>;

// u of a token, zero behind the last one.
fn value(n: u32, g: u32) -> vec4f {
  if (n >= N || g >= CG) { return vec4f(); }
  return normalised(n, g);
}

fn columns(n: u32, g: u32) -> vec4f {
  if (g < CG) { return value(n, g); }
  if (n >= N || g >= G) { return vec4f(); }
  if (g == CG + ZG) { return vec4f(1.0, 0.0, 0.0, 0.0); }
  return load_e(n * ZG + g - CG);
}

// Rows that all threads read at the same time.
fn rows(i: u32) -> vec4f {
  //#if SHARED
  return spread(left[i][ownColumn]);
  //#endif
  //#if !SHARED
  return left[i];
  //#endif
}

@compute @workgroup_size(COLS)
fn main(@builtin(local_invocation_index) li: u32, @builtin(workgroup_id) group: vec3u) {
  let first = group.x * CHUNK;
  let firstRow = group.y * ROWS;
  let g = group.z * COLS + li;
  var acc: array<array<vec4f, 4>, ROWS>;
  for (var base = 0u; base < CHUNK; base += STEP) {
    for (var i = li; i < STEP * ROWS; i += COLS) {
      left[i] = value(first + base + i / ROWS, firstRow + i % ROWS);
    }
    for (var k = 0u; k < STEP; k++) {
      right[k * COLS + li] = columns(first + base + k, g);
    }
    workgroupBarrier();
    // Four tokens a round: SwiftShader copies every accumulator once per round.
    for (var k = 0u; k < STEP; k += 4u) {
      for (var s = 0u; s < 4u; s++) { // unroll
        let r = right[(k + s) * COLS + li];
        for (var i = 0u; i < ROWS; i++) { // unroll
          let l = rows((k + s) * ROWS + i);
          acc[i][0] = fma(l.xxxx, r, acc[i][0]);
          acc[i][1] = fma(l.yyyy, r, acc[i][1]);
          acc[i][2] = fma(l.zzzz, r, acc[i][2]);
          acc[i][3] = fma(l.wwww, r, acc[i][3]);
        }
      }
    }
    workgroupBarrier();
  }
  if (g >= G) { return; }
  for (var i = 0u; i < ROWS; i++) { // unroll
    let at = (group.x * G + g) * C + 4u * (firstRow + i);
    if (firstRow + i < CG) {
      for (var j = 0u; j < 4u; j++) { // unroll
        sums[at + j] = acc[i][j];
      }
    }
  }
}
