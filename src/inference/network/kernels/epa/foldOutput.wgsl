// foldOutput.wgsl — the matrix and bias that the last kernel applies to every row.
//
//   concat  first half of the outputs: base (out_proj, constant)
//           second half: base + out_proj2^T mixed          channel attention and its projection in one matrix
//   sum     all outputs: mixed times gain
//
// Layout   mixed: (C, C + 1), last column = bias      base: (CG, C + 1) vec4 over 4 outputs      outProj2: (C, CG/2) vec4
//          matrix: (CG, C) vec4 = mat4x4 per (output group, input group)      matrixBias: (CG) vec4
// Prelude  C CG SUM
// Bindings mixed, matrix, matrixBias, then base, outProj2 (concat) or gain (SUM)
// Grid     (inputs and the bias, 64 per workgroup; output groups)


@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let c = id.x;
  let o = id.y;
  if (c > C) { return; }
  //#if SUM
  let i = 4u * o * (C + 1u) + c;
  let sum = gain[o] * vec4f(mixed[i], mixed[i + C + 1u], mixed[i + 2u * (C + 1u)], mixed[i + 3u * (C + 1u)]);
  //#endif
  //#if !SUM
  var sum = base[o * (C + 1u) + c];
  if (o >= CG / 2u) {
    for (var i = 0u; i < C; i++) { sum += outProj2[i * (CG / 2u) + o - CG / 2u] * mixed[i * (C + 1u) + c]; }
  }
  //#endif
  if (c < C) { matrix[o * C + c] = sum; } else { matrixBias[o] = sum; }
}
