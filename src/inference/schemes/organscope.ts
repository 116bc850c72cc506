/** The preparation of Organscope's own models (docs/architecture.md, "From scan to mask, exactly"). */
import { gridDims, resampleLinear } from '../../volume/resample';
import type { Triple, Volume } from '../../volume/volume';
import { outputChannels } from '../model/manifest';
import type { PipelineOf } from '../model/pipelines';
import { percentileIntensities, rangeIntensities } from '../normalize';
import { exchangeOf, mirrorsOver } from '../sliding-window/mirror';
import { linearTaps } from '../sliding-window/taps';
import { anatomicalOrder, inViewOrder, nativeBox, take } from './axisOrder';
import { type PipelineManifest, type Prepared, type PrepareOptions, readingOf } from './prepared';
import { nnunetTiling, perAxis } from './tiling';

const reversed = ([a, b, c]: Triple): Triple => [c, b, a];

/**
 * RAS order, the model's spacing, percentiles or a range of intensities, nnU-Net v1's tiling, windows mirrored on request;
 * back by linear interpolation to the scan's grid in RAS order and from there to its own voxel order.
 * @throws InvalidInputError for scans without contrast, where percentiles are asked for
 */
export function prepareOrganscope(
  volume: Volume,
  { spacingDhw, normalization, tiling, mirroring, baseCertainty }: PipelineOf<'organscope-v1'>,
  manifest: Pick<PipelineManifest, 'patchDhw' | 'output' | 'labels'>,
  { mirror = mirroring?.byDefault, onStage }: PrepareOptions,
): Prepared {
  const view = anatomicalOrder(volume.dimsXyz, volume.affine, 'SAR');
  const native = view.dimsDhw;
  const dimsXyz = gridDims(reversed(native), reversed(inViewOrder(view, volume.spacingXyz)), reversed(spacingDhw));
  const dimsDhw = reversed(dimsXyz);
  const values = resampleLinear(take(view, volume.data), reversed(native), dimsXyz) as Float32Array<ArrayBuffer>;
  onStage?.('resampled', [values], dimsDhw);
  const { scheme, lower, upper } = normalization;
  const intensities = scheme === 'range' ? rangeIntensities(lower, upper) : percentileIntensities(values, lower, upper);
  const windows = nnunetTiling(dimsDhw, manifest.patchDhw, tiling);
  const classes = outputChannels(manifest);
  return {
    job: {
      ...windows,
      channels: 1,
      classes,
      values,
      dimsDhw,
      intensities: [intensities],
      taps: perAxis((axis) => linearTaps(native[axis], dimsDhw[axis], windows.belowDhw[axis])),
      ...(manifest.output.activation !== 'softmax' && { reading: readingOf(manifest.output, 'window') }),
      ...(baseCertainty !== undefined && { baseCertainty }),
      ...(mirror &&
        mirroring && { mirrors: mirrorsOver(mirroring.axes), exchange: exchangeOf(mirroring.exchange, classes) }),
    },
    finish: (firstPlane, labels) => nativeBox(view, firstPlane, labels),
  };
}
