/** The preparation of Organscope's own models (docs/pipeline.md). */

import type { Steps } from '../../core/steps';
import { outputChannels } from '../../models/manifest';
import type { PipelineOf } from '../../models/pipelines';
import { anatomicalOrder, crop, fileOrder, inViewOrder, take } from '../../volume/axisOrder';
import { shiftTaps, tapsAt } from '../../volume/axisTaps';
import type { Triple } from '../../volume/grid';
import { airOf, intensityOfVolume, withoutPadding } from '../../volume/intensity';
import { gridDims, resampleLinear } from '../../volume/resample';
import type { Volume } from '../../volume/volume';
import { exchangeOf, mirrorsOver } from '../windows/geometry/mirror';
import { linearTaps, type Taps } from '../windows/geometry/taps';
import { nnunetTiling, perAxis } from '../windows/geometry/tiling';
import { boxAround, coarseDims, isWorthIt } from './firstLook';
import type { Box } from './nonzero';
import { normalised, percentileIntensities, rangeIntensities } from './normalize';
import { AS_THEY_ARE, type PipelineManifest, type Prepared, type PrepareOptions, readingOf } from './prepared';

const reversed = ([a, b, c]: Triple): Triple => [c, b, a];

/**
 * RAS order, the model's spacing, percentiles or a range of intensities, nnU-Net v1's tiling, windows mirrored on request;
 * back by linear interpolation to the scan's grid in RAS order and from there to its own voxel order.
 * @throws InvalidInputError for scans without contrast, where percentiles are asked for
 */
export function* prepareOrganscope(
  volume: Volume,
  { spacingDhw, normalization, tiling, mirroring, baseCertainty, firstLook }: PipelineOf<'organscope-v1'>,
  manifest: Pick<PipelineManifest, 'patchDhw' | 'output' | 'labels'>,
  { mirror = mirroring?.byDefault, onStage }: PrepareOptions,
): Steps<Prepared> {
  const view = anatomicalOrder(volume.dimsXyz, volume.affine, 'SAR');
  const native = view.dimsDhw;
  const dimsXyz = gridDims(reversed(native), reversed(inViewOrder(view, volume.spacingXyz)), reversed(spacingDhw));
  const dimsDhw = reversed(dimsXyz);
  const { scheme, lower, upper } = normalization;
  const intensity = intensityOfVolume(volume);
  // Before resampling: what is mixed with padding is neither tissue nor padding.
  const background = scheme === 'range' ? airOf(intensity, lower) : intensity.background;
  const ordered = yield* withoutPadding(yield* take(view, volume.data), intensity, background);
  const values = (yield* resampleLinear(ordered, reversed(native), dimsXyz)) as Float32Array<ArrayBuffer>;
  onStage?.('resampled', [values], dimsDhw);
  const intensities =
    scheme === 'range' ? rangeIntensities(lower, upper) : yield* percentileIntensities(values, lower, upper);
  const { patchDhw } = manifest;
  const classes = outputChannels(manifest);
  const network = {
    channels: 1,
    classes,
    ...(manifest.output.activation !== 'softmax' && { reading: readingOf(manifest.output, 'window') }),
  };

  /** Segments a part of the grid, and the voxels of the scan whose centres lie in it. */
  const over = function* (part: Box): Steps<Prepared> {
    const windows = nnunetTiling(part.dimsDhw, patchDhw, tiling);
    const read = perAxis((axis) => partTaps(native[axis], dimsDhw[axis], part.startDhw[axis], part.dimsDhw[axis]));
    const inside = crop(
      view,
      perAxis((axis) => read[axis].first),
      perAxis((axis) => read[axis].taps.lower.length),
    );
    return {
      job: {
        ...windows,
        ...network,
        values: yield* take(crop(fileOrder(dimsXyz, [0, 1, 2]), part.startDhw, part.dimsDhw), values),
        dimsDhw: part.dimsDhw,
        intensities: [intensities],
        taps: perAxis((axis) => shiftTaps(read[axis].taps, windows.belowDhw[axis])),
        ...(baseCertainty !== undefined && { baseCertainty }),
        ...(mirror &&
          mirroring && { mirrors: mirrorsOver(mirroring.axes), exchange: exchangeOf(mirroring.exchange, classes) }),
      },
      output: inside,
    };
  };

  const whole = yield* over({ startDhw: [0, 0, 0], dimsDhw });
  if (!firstLook || !isWorthIt(dimsDhw, patchDhw, tiling.step, firstLook.coarser)) return whole;
  const coarseDhw = coarseDims(dimsDhw, firstLook.coarser);
  const windows = nnunetTiling(coarseDhw, patchDhw, tiling);
  return {
    ...whole,
    firstLook: {
      job: {
        ...windows,
        ...network,
        values: (yield* resampleLinear(normalised(values, intensities), dimsXyz, reversed(coarseDhw))) as typeof values,
        dimsDhw: coarseDhw,
        intensities: [AS_THEY_ARE],
        taps: perAxis((axis) => linearTaps(coarseDhw[axis], coarseDhw[axis], windows.belowDhw[axis])),
      },
      *within(labels) {
        const box = yield* boxAround(labels, coarseDhw, { dimsDhw, patchDhw, spacingDhw }, firstLook);
        return box ? yield* over(box) : whole;
      },
    },
  };
}

/**
 * Which of `outputs` voxels along an axis have their centre in a part of the `inputs` of another grid over the same extent,
 * and how they read that part.
 * @param start the part's first voxel
 * @param size its voxels
 */
function partTaps(outputs: number, inputs: number, start: number, size: number): { first: number; taps: Taps } {
  const zoom = inputs / outputs;
  const [first, end] = [start, start + size].map((edge) => Math.max(0, Math.ceil(edge * (outputs / inputs) - 0.5)));
  const taps = tapsAt((i) => (i + first + 0.5) * zoom - 0.5 - start, end - first, size, 'linear');
  return { first, taps };
}
