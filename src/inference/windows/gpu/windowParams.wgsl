// windowParams.wgsl — the window that a dispatch is about.
struct Window {
  start: vec3i, // z, y, x on the padded grid
  index: u32,
  weights: vec3u,
  mirror: u32, // bit 0: x, 1: y, 2: z reversed
}
@group(0) @binding(0) var<uniform> window: Window;

// A voxel (x, y, z) of the window where the network sees it: window.mirror reverses axes.
fn mirrored(at: vec3u) -> vec3u {
  let bits = vec3u(window.mirror) >> vec3u(0u, 1u, 2u);
  return select(at, vec3u(PW, PH, PD) - 1u - at, (bits & vec3u(1u)) == vec3u(1u));
}
