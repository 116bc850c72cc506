/** A whole pipeline around a network that does nothing but threshold: what it should label is known without it. */

import { message } from '../core/messages';
import type { Backend } from '../inference/network/ort/backend';
import type { PipelineManifest } from '../inference/schemes/prepare';
import type { Affine, Triple } from '../volume/grid';
import type { LabelVolume, Volume } from '../volume/volume';
import { agreement } from './masks';

const color = [0, 0, 0] as [number, number, number];

/** A model of our own scheme, whose labels are `classes` ranges of intensity. */
export function manifest(patchDhw: Triple, spacingDhw: Triple = [2, 2, 2], classes = 3): PipelineManifest {
  return {
    labels: Array.from({ length: classes }, (_, id) => ({ id, name: `class ${id}`, color })),
    channels: [{ name: 'T1', hints: [] }],
    patchDhw: [...patchDhw],
    output: { activation: 'softmax' },
    pipeline: {
      scheme: 'organscope-v1',
      spacingDhw: [...spacingDhw],
      orientation: 'RAS',
      normalization: { scheme: 'percentile', lower: 0, upper: 100 },
      tiling: { step: 0.5, sigmaScale: 0.125 },
    },
  };
}

/** Smooth blobs plus a ramp, so that every class of the fake network occurs. */
export function scan(dimsXyz: Triple, spacingXyz: Triple, affine?: Affine): Volume {
  const [nx, ny, nz] = dimsXyz;
  const data = new Float32Array(nx * ny * nz);
  for (let z = 0, i = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++, i++)
        data[i] = 500 + 300 * Math.sin(x / 3 + 0.5) * Math.cos(y / 4) + 200 * Math.sin(z / 2 + x / 5) + i / 1000;
  const [sx, sy, sz] = spacingXyz;
  return {
    dimsXyz,
    spacingXyz,
    affine: affine ?? [sx, 0, 0, 0, 0, sy, 0, 0, 0, 0, sz, 0, 0, 0, 0, 1],
    data,
    name: 'scan.nii',
    warnings: [],
  };
}

/**
 * A network whose most probable class is its input cut into `classes` equal ranges, voxel by voxel, whatever the window:
 * logits are -(distance to the range's centre), so windows that overlap agree and the pipeline around it is all that counts.
 */
export function thresholds(classes = 3): Backend & { runs: number } {
  return {
    info: { provider: 'wasm', adapter: message('adapter', { name: 'fake' }), reason: message('wasm-chosen') },
    warm: false,
    runs: 0,
    async run(patch) {
      this.runs++;
      const logits = new Float32Array(classes * patch.length);
      for (let c = 0; c < classes; c++)
        for (let v = 0; v < patch.length; v++)
          logits[c * patch.length + v] = -50 * Math.abs(patch[v] - (c + 0.5) / classes);
      (this as { warm: boolean }).warm = true;
      return logits;
    },
    async dispose() {},
  };
}

/** The same answer without windows: resampled, normalised (percentiles 0 and 100 above the minimum), cut. */
export function expectedAtModelSpacing(volume: Volume, classes = 3): number[] {
  const sorted = Float32Array.from(volume.data as Float32Array).sort();
  const [lo, hi] = [sorted.find((v) => v > sorted[0]) as number, sorted[sorted.length - 1]];
  return Array.from(volume.data, (v) => {
    const u = Math.min(1, Math.max(0, (v - lo) / (hi - lo)));
    return Math.min(classes - 1, Math.floor(u * classes));
  });
}

/** Labels that lie elsewhere than expected. A voxel within float32 rounding of a threshold may fall on either side. */
export const apart = (labels: LabelVolume, expected: readonly number[]) =>
  agreement(labels, { dimsXyz: labels.dimsXyz, data: Uint8Array.from(expected) }, 0.998).apart;
