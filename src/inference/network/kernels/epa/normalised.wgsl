// normalised.wgsl — a token as EPA sees it, joined to the kernels that read tokens.
//
//   u[n] = (t[n] - mean(t[n])) / deviation(t[n])      (BLOCK, see tokens.wgsl)  or  t[n] - centre  (CENTRE)  or  t[n]
//
// Layout   t: (N, CG) vec4      norms: (N) vec2 = mean, 1/deviation      centre: (CG) vec4
// Prelude  CG BLOCK CENTRE
// Declared outside: load_t(i), norms (BLOCK) or centre (CENTRE)

fn normalised(n: u32, g: u32) -> vec4f {
  var v = load_t(n * CG + g);
  //#if BLOCK
  v = (v - norms[n].x) * norms[n].y;
  //#endif
  //#if CENTRE
  v -= centre[g];
  //#endif
  return v;
}
