/**
 * What a MONAI bundle does at validation (docs/model-format.md has the steps and formulas):
 *
 *   axes towards axcodes -> Spacing -> intensities -> CropForeground -> sliding_window_inference, logits averaged
 *     -> softmax or sigmoid -> crop and spacing undone -> labels -> the file's order
 */
import { InvalidInputError } from '../../core/errors';
import { eachInSteps, type Steps } from '../../core/steps';
import { outputChannels } from '../../models/manifest';
import type { PipelineOf } from '../../models/pipelines';
import { anatomicalOrder, crop, fileOrder, inViewOrder, take } from '../../volume/axisOrder';
import { type AxisTaps, shiftTaps, type TapKind, tapsAt } from '../../volume/axisTaps';
import type { Triple } from '../../volume/grid';
import { tapVolume } from '../../volume/splineResize';
import type { Volume } from '../../volume/volume';
import { roundHalfEven } from '../windows/geometry/starts';
import { monaiTiling, perAxis } from '../windows/geometry/tiling';
import { scaleIntensity } from './intensity';
import { type Box, boundingBox } from './nonzero';
import {
  AS_THEY_ARE,
  joinChannels,
  type PipelineManifest,
  type Prepared,
  type PrepareOptions,
  readingOf,
} from './prepared';

/** MONAI's AFFINE_TOL: a spacing this close to the one wanted, in mm, is kept. */
const SAME_SPACING_MM = 1e-3;

const kindOf = { linear: 'linear', nearest: 'nearest-even' } as const;

/**
 * @param scans one per channel, on one grid
 * @throws InvalidInputError('nothing-above-zero') when cropForeground finds nothing
 */
export function* prepareMonai(
  scans: readonly Volume[],
  pipeline: PipelineOf<'monai'>,
  manifest: Pick<PipelineManifest, 'patchDhw' | 'output' | 'labels'>,
  { onStage }: PrepareOptions,
): Steps<Prepared> {
  const [{ dimsXyz, spacingXyz, affine }] = scans;
  const view = anatomicalOrder(dimsXyz, affine, pipeline.axcodes);
  const native = view.dimsDhw;
  const spacing = inViewOrder(view, spacingXyz);
  const { target, dims: resampled } = spacingAndDims(native, spacing, pipeline.spacingDhw);
  const { image, output: back } = pipeline.interpolation;

  const taps = perAxis((axis) =>
    target[axis] === spacing[axis]
      ? null
      : centreTaps(native[axis], resampled[axis], target[axis] / spacing[axis], kindOf[image]),
  );
  const channels = yield* eachInSteps(scans, function* ({ data }) {
    return yield* tapVolume(yield* take(view, data), native, taps);
  });
  onStage?.('resampled', channels, resampled);
  for (const channel of channels) {
    scaleIntensity(channel, pipeline.intensity);
    yield;
  }
  onStage?.('normalised', channels, resampled);

  const whole: Box = { startDhw: [0, 0, 0], dimsDhw: resampled };
  const box = pipeline.cropForeground ? foreground(channels, resampled) : whole;
  const grid = crop(fileOrder([resampled[2], resampled[1], resampled[0]], [0, 1, 2]), box.startDhw, box.dimsDhw);
  const cropped = pipeline.cropForeground ? yield* eachInSteps(channels, (channel) => take(grid, channel)) : channels;
  if (pipeline.cropForeground) onStage?.('cropped', cropped, box.dimsDhw);

  const tiling = monaiTiling(box.dimsDhw, manifest.patchDhw, pipeline.tiling);
  const covered = perAxis((i) =>
    within(centreTaps(resampled[i], native[i], spacing[i] / target[i], kindOf[back]), box.startDhw[i], box.dimsDhw[i]),
  );
  const seen = crop(
    view,
    perAxis((i) => covered[i].first),
    perAxis((i) => covered[i].taps.lower.length),
  );
  return {
    job: {
      ...tiling,
      channels: scans.length,
      classes: outputChannels(manifest),
      values: joinChannels(cropped),
      dimsDhw: box.dimsDhw,
      intensities: scans.map(() => AS_THEY_ARE),
      taps: perAxis((i) => shiftTaps(covered[i].taps, tiling.belowDhw[i])),
      reading: readingOf(manifest.output, 'voxel'),
    },
    output: seen,
  };
}

/** Spacing and size of the network grid; an axis whose spacing is the one wanted already keeps it. */
export function spacingAndDims(
  native: Triple,
  spacing: Triple,
  wanted: Triple | null,
): { target: Triple; dims: Triple } {
  const same = (i: number) => wanted === null || Math.abs(wanted[i] - spacing[i]) <= SAME_SPACING_MM;
  const target = perAxis((i) => (same(i) ? spacing[i] : (wanted as Triple)[i]));
  const dims = perAxis((i) => roundHalfEven(((native[i] - 1) * spacing[i]) / target[i] + 1));
  return { target, dims };
}

/** Output voxel i lies at i * step of the n voxels read: the first voxels' centres coincide. */
const centreTaps = (inputs: number, outputs: number, step: number, kind: TapKind): AxisTaps =>
  tapsAt((i) => i * step, outputs, inputs, kind);

function foreground(channels: readonly Float32Array[], dimsDhw: Triple): Box {
  const box = boundingBox(channels, dimsDhw, (value) => value > 0);
  if (box) return box;
  throw new InvalidInputError('nothing-above-zero');
}

/**
 * The part of a table that reads voxels start .. start + size - 1, counted from `start`. Output voxels that read nothing
 * of them get no label. One that reads an outer and an inner voxel takes the inner one alone: the outer one's zeros
 * scale all classes alike.
 */
function within({ lower, upper, fraction }: AxisTaps, start: number, size: number): { first: number; taps: AxisTaps } {
  const isIn = (k: number) => k >= start && k < start + size;
  const reads = (i: number) => (isIn(lower[i]) && fraction[i] < 1) || (isIn(upper[i]) && fraction[i] > 0);
  let first = 0;
  while (!reads(first)) first++;
  let end = first;
  while (end < lower.length && reads(end)) end++;
  const inner = (k: number) => Math.min(Math.max(k, start), start + size - 1) - start;
  return {
    first,
    taps: {
      lower: lower.slice(first, end).map(inner),
      upper: upper.slice(first, end).map(inner),
      fraction: fraction.slice(first, end),
    },
  };
}
