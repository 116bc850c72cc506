// tokens.wgsl — the tokens of an EPA block, and what its layer norm needs to know about each.
//
//   t[n]     = x[n] + position[n]
//   norms[n] = mean(t[n]), 1 / sqrt(var(t[n]) + EPSILON)
//
// The second round over the channels adds squared distances from the mean, so a large mean costs no digits.
//
// Layout   position, t: (N, CG) vec4      norms: (N) vec2
// Prelude  N C CG EPSILON
// Bindings position, t, norms
// Declared outside: x(token, group), load_position(i), store_t(i, v)
// Grid     tokens, 64 per workgroup

fn token(n: u32, g: u32) -> vec4f { return x(n, g) + load_position(n * CG + g); }

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let n = id.x;
  if (n >= N) { return; }
  var sum = vec4f();
  for (var g = 0u; g < CG; g++) { sum += token(n, g); }
  let mean = dot(sum, vec4f(1.0)) / f32(C);
  var squares = vec4f();
  for (var g = 0u; g < CG; g++) {
    let v = token(n, g);
    squares += (v - mean) * (v - mean);
    store_t(n * CG + g, v);
  }
  norms[n] = vec2f(mean, inverseSqrt(dot(squares, vec4f(1.0)) / f32(C) + EPSILON));
}
