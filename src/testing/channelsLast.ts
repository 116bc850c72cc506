/** Between the frameworks' (C, voxels) and the engine's (voxels, C padded to 4 with zeros). */

/** (C, voxels) to (voxels, C padded to 4). */
export function toChannelsLast(planar: ArrayLike<number>, channels: number): Float32Array<ArrayBuffer> {
  const voxels = planar.length / channels;
  const padded = 4 * Math.ceil(channels / 4);
  const out = new Float32Array(voxels * padded);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < voxels; i++) out[i * padded + c] = planar[c * voxels + i];
  }
  return out;
}
