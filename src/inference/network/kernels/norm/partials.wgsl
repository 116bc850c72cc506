// partials.wgsl — norm statistics of what one workgroup stores. Included by kernels that write a tensor to normalise.
//
// Every thread brings the sum over its own voxels of OG vec4 of channels; BOX consecutive threads share channels. The
// workgroup adds up, divides by its voxel count n, and adds the squared distances from that mean in a second round:
// (mean, M2, n) per workgroup and channel. finalize.wgsl combines them by Chan's formula. Nothing subtracts two large
// sums, so a mean far from zero costs no digits. The values are those before storage may round them to halves.
//
// Layout   partials: per workgroup and channel group three vec4: mean, M2, n
// Prelude  THREADS (a multiple of BOX) BOX OG VX HALF (power of two, at least half of BOX) COUT4 (groups per record)
// Declared outside: partials

var<workgroup> sums: array<vec4f, OG * THREADS>;

/** The sum over the workgroup of every channel, for all threads. */
fn workgroupSum(li: u32, own: array<vec4f, OG>) -> array<vec4f, OG> {
  workgroupBarrier();
  for (var o = 0u; o < OG; o++) { // unroll
    sums[o * THREADS + li] = own[o];
  }
  workgroupBarrier();
  for (var h = HALF; h > 0u; h >>= 1u) {
    let p = li % BOX;
    if (p < h && p + h < BOX) {
      for (var o = 0u; o < OG; o++) { // unroll
        sums[o * THREADS + li] += sums[o * THREADS + li + h];
      }
    }
    workgroupBarrier();
  }
  var total: array<vec4f, OG>;
  for (var o = 0u; o < OG; o++) { // unroll
    total[o] = sums[o * THREADS + li - li % BOX];
  }
  return total;
}

/**
 * Writes the record of a workgroup whose threads hold VX voxels x OG groups each, of which n voxels are `inside` the
 * tensor. `workgroup` counts workgroups over voxels; `first` is the thread's first channel group.
 */
fn storeStatistics(li: u32, workgroup: u32, first: u32, n: f32, values: array<array<vec4f, OG>, VX>, inside: array<bool, VX>) {
  var mean: array<vec4f, OG>;
  for (var v = 0u; v < VX; v++) { // unroll
    for (var o = 0u; o < OG; o++) { // unroll
      mean[o] += select(vec4f(), values[v][o], inside[v]);
    }
  }
  mean = workgroupSum(li, mean);
  for (var o = 0u; o < OG; o++) { // unroll
    mean[o] /= n;
  }
  var m2: array<vec4f, OG>;
  for (var v = 0u; v < VX; v++) { // unroll
    for (var o = 0u; o < OG; o++) { // unroll
      let d = select(vec4f(), values[v][o] - mean[o], inside[v]);
      m2[o] += d * d;
    }
  }
  m2 = workgroupSum(li, m2);
  for (var o = 0u; o < OG; o++) { // unroll
    if (li % BOX == 0u && first + o < COUT4) {
      let record = (workgroup * COUT4 + first + o) * 3u;
      partials[record] = mean[o];
      partials[record + 1u] = m2[o];
      partials[record + 2u] = vec4f(n);
    }
  }
}
