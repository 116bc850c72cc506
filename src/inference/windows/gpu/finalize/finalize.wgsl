// finalize.wgsl — labels of finished planes: averaged probabilities read at the output grid, the first largest class.
//
//   label(z, y, x) = first largest class of  sum over 8 corners of  weight * ring[corner]
//
// With REGIONS: 1 + the last channel whose mix is above THRESHOLD, 0 when there is none.
// Each axis has a table of two taps per output voxel: (1 - fraction) * at(lower) + fraction * at(upper).
//
// Layout   ring: see ring.wgsl, in front of this; slab.ringRows rows, row y at y - slab.row0. Channels from CLASSES on are
//          never chosen.
//          taps: NZ + NY + NX entries, one table after the other
//          labels: (planes, NY, QUADS) words of four labels, lowest byte first; a row's last word may be partly empty
// Prelude  CLASSES GROUPS W RING NZ NY NX QUADS THRESHOLD; flags REGIONS LERP_Z LERP_Y LERP_X (off: that axis' fractions are all 0)
// Why words per row: rows belong to different bands, and one dispatch must not write a word that another does.
struct Slab {
  plane: u32, // first output plane and row of this dispatch
  row: u32,
  row0: u32, // rows of the ring this band holds
  ringRows: u32,
}
struct Tap {
  lower: u32,
  upper: u32,
  fraction: f32,
}
@group(0) @binding(0) var<uniform> slab: Slab;
@group(0) @binding(1) var<storage, read> taps: array<Tap>;
@group(0) @binding(3) var<storage, read_write> labels: array<u32>;

fn alongX(row: u32, t: Tap, group: u32) -> vec4f {
  let low = load_ring((row * W + t.lower) * GROUPS + group);
  //#if LERP_X
  return (1.0 - t.fraction) * low + t.fraction * load_ring((row * W + t.upper) * GROUPS + group);
  //#endif
  //#if !LERP_X
  return low;
  //#endif
}

fn alongY(plane: u32, ty: Tap, tx: Tap, group: u32) -> vec4f {
  let rows = plane * slab.ringRows - slab.row0;
  let low = alongX(rows + ty.lower, tx, group);
  //#if LERP_Y
  return (1.0 - ty.fraction) * low + ty.fraction * alongX(rows + ty.upper, tx, group);
  //#endif
  //#if !LERP_Y
  return low;
  //#endif
}

fn label(tz: Tap, ty: Tap, tx: Tap) -> u32 {
  var best = 0u;
  //#if !REGIONS
  var highest = LOWEST;
  //#endif
  for (var g = 0u; g < GROUPS; g++) {
    var p = alongY(tz.lower % RING, ty, tx, g);
    //#if LERP_Z
    p = (1.0 - tz.fraction) * p + tz.fraction * alongY(tz.upper % RING, ty, tx, g);
    //#endif
    for (var i = 0u; i < 4u; i++) { // unroll
      //#if !REGIONS
      if (p[i] > highest && g * 4u + i < CLASSES) {
        highest = p[i];
        best = g * 4u + i;
      }
      //#endif
      //#if REGIONS
      if (p[i] > THRESHOLD && g * 4u + i < CLASSES) { best = g * 4u + i + 1u; }
      //#endif
    }
  }
  return best;
}

@compute @workgroup_size(32)
fn main(@builtin(global_invocation_id) at: vec3u) {
  if (at.x >= QUADS) { return; }
  let y = slab.row + at.y;
  let tz = taps[slab.plane + at.z];
  let ty = taps[NZ + y];
  var word = 0u;
  for (var i = 0u; i < 4u; i++) {
    let x = at.x * 4u + i;
    if (x < NX) { word |= label(tz, ty, taps[NZ + NY + x]) << (8u * i); }
  }
  labels[(at.z * NY + y) * QUADS + at.x] = word;
}
