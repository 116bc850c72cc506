// window.wgsl — cuts one window out of the scan and normalises it: the network's input.
//
//   cut[c, m(z, y, x)] = clamp((values[c, v] - offset[c]) * scale[c], low[c], high[c])    v = start + (z, y, x) - BELOW
//   m = mirrored: reverses the axes in window.mirror (windowParams.wgsl, in front of this)
//   0 where v is beyond the scan: a scan shorter than the window is padded with the normalised minimum or mean.
//
// Layout   values: (C, RING, band.rows, W) planar; plane v.z lies at v.z modulo RING, row v.y at v.y - band.row0
//          cut: (C, PD, PH, PW) planar, as ONNX has it
//          intensity: (offset, scale, low, high) per channel
// Prelude  C D H W (scan) RING PD PH PW (window) BELOW_D BELOW_H BELOW_W
// Why bands: a scan larger than one binding may be is split along y; every row of the window, those beyond the scan
// included, is written by the one band whose [first, end) holds it.
struct Band {
  first: i32, // rows of the scan this band answers for
  end: i32,
  row0: i32, // rows it holds
  rows: u32,
}
@group(0) @binding(1) var<uniform> band: Band;
@group(0) @binding(2) var<uniform> intensity: array<vec4f, C>;
@group(0) @binding(3) var<storage, read> values: array<f32>;
@group(0) @binding(4) var<storage, read_write> cut: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) at: vec3u) {
  let v = window.start + vec3i(at.zyx) - vec3i(i32(BELOW_D), i32(BELOW_H), i32(BELOW_W));
  if (at.x >= PW || v.y < band.first || v.y >= band.end) { return; }
  let to = mirrored(at);
  let inside = all(v >= vec3i()) && all(v < vec3i(i32(D), i32(H), i32(W)));
  for (var c = 0u; c < C; c++) {
    var value = 0.0;
    if (inside) {
      let row = (c * RING + u32(v.x) % RING) * band.rows + u32(v.y - band.row0);
      let map = intensity[c];
      value = clamp((values[row * W + u32(v.z)] - map.x) * map.y, map.z, map.w);
    }
    cut[((c * PD + to.z) * PH + to.y) * PW + to.x] = value;
  }
}
