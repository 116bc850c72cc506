// patchConv.wgsl — convolution whose kernel equals its stride: every output voxel is a matrix times one input patch, and
// no input is read twice. Joined to voxelProduct.wgsl.
//
//   y[z,y,x] = finish( W x[z*KD .. , y*KH .. , x*KW .. ] )
//
// Layout   x: (ID, IH, IW, CIN4) vec4, step = (tap, channel group). PLANAR: (cin, ID, IH, IW) scalars, step = (channel,
//          kz, ky, kx); when KW is a multiple of 4 the row of a patch is read as vec4, step = (channel, kz, ky, kx / 4).
//          IW and KW count elements of x, so four times less then.
// Prelude  ID IH IW CIN4 KD KH KW OH OW (output) COUT4 OG; flags PLANAR SCALAR
// Declared outside: x (SCALAR) or load_x(i), store_y(i, v), finish(voxel, group, sum)
fn start(voxel: u32) -> u32 {
  let q = vec3u(voxel % OW, voxel / OW % OH, voxel / (OW * OH)) * vec3u(KW, KH, KD);
  return ((q.z * IH + q.y) * IW + q.x) * CIN4;
}

fn operand(start: u32, step: u32) -> Input {
  //#if PLANAR
  let tap = step % (KD * KH * KW);
  let plane = step / (KD * KH * KW) * (ID * IH * IW);
  //#endif
  //#if !PLANAR
  let tap = step / CIN4;
  let plane = step % CIN4;
  //#endif
  let row = tap / (KW * KH) * IH + tap / KW % KH;
  let i = start + plane + (row * IW + tap % KW) * CIN4;
  //#if SCALAR
  return x[i];
  //#endif
  //#if !SCALAR
  return load_x(i);
  //#endif
}

fn store(voxel: u32, tile: u32, o: u32, sum: vec4f) -> vec4f {
  let group = tile * OG + o;
  if (group >= COUT4) { return sum; }
  let value = finish(voxel, group, sum);
  store_y(voxel * COUT4 + group, value);
  return value;
}
