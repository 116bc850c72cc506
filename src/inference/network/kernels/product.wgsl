// product.wgsl — m v + sum, joined to kernels that multiply matrices.
//
// Written as a chain of fused multiply-adds: the product followed by an addition is one instruction more per number, and on
// SwiftShader four products that wait in memory for their additions.
fn product(m: mat4x4f, v: vec4f, sum: vec4f) -> vec4f {
  return fma(m[3], v.wwww, fma(m[2], v.zzzz, fma(m[1], v.yyyy, fma(m[0], v.xxxx, sum))));
}
