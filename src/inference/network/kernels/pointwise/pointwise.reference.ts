/** 1x1x1 convolution in float64. x (cin, voxels), weight (cout, cin) -> (cout, voxels). */
export function pointwiseReference(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  cin: number,
  cout: number,
): Float64Array {
  const voxels = x.length / cin;
  const y = new Float64Array(cout * voxels);
  for (let co = 0; co < cout; co++)
    for (let ci = 0; ci < cin; ci++)
      for (let i = 0; i < voxels; i++) y[co * voxels + i] += weight[co * cin + ci] * x[ci * voxels + i];
  return y;
}
