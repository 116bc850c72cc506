/**
 * nnU-Net's preparation of scans, versions 1 and 2 (docs/model-format.md has the steps and formulas):
 *
 *   file order (z, y, x) -> transposed -> cropped to what is not zero
 *     -> v1: resampled, normalised    v2: normalised, resampled
 *     -> windows with Gaussian weights -> v1: probabilities averaged    v2: logits averaged
 *     -> interpolated to the cropped grid -> labels -> zeros around the box -> file order
 *
 * Transposing and cropping commute, so both versions do them at once here.
 */
import { ModelError } from '../../core/errors';
import { eachInSteps, type Steps } from '../../core/steps';
import { outputChannels } from '../../models/manifest';
import type { PipelineOf } from '../../models/pipelines';
import { crop, fileOrder, inViewOrder, take } from '../../volume/axisOrder';
import { axisTaps, shiftTaps, type TapKind } from '../../volume/axisTaps';
import type { Triple, VoxelArray } from '../../volume/grid';
import { type SeparateAxis, type SplineOrder, splineResize } from '../../volume/splineResize';
import type { Volume } from '../../volume/volume';
import { mirrorsOver } from '../windows/geometry/mirror';
import { nnunetTiling, perAxis } from '../windows/geometry/tiling';
import { normalizeV1, normalizeV2 } from './intensity';
import { filledMask, nonzeroBox } from './nonzero';
import {
  AS_THEY_ARE,
  joinChannels,
  type PipelineManifest,
  type Prepared,
  type PrepareOptions,
  readingOf,
} from './prepared';
import { resizedDims, separateAxis } from './separateAxis';

type Nnunet = PipelineOf<'nnunet-v1'> | PipelineOf<'nnunet-v2'>;
type Channel = Float32Array<ArrayBuffer>;

/** The network grid of a scan and the way there. */
interface Resampling {
  readonly fromDhw: Triple;
  readonly toDhw: Triple;
  readonly order: SplineOrder;
  readonly separate: SeparateAxis | null;
}

/**
 * @param scans one per channel, on one grid
 * @throws InvalidInputError('empty-volume'), ModelError('resampling-unsupported') for a cubic way back
 */
export function* prepareNnunet(
  scans: readonly Volume[],
  pipeline: Nnunet,
  manifest: Pick<PipelineManifest, 'patchDhw' | 'output' | 'labels'>,
  { mirror = pipeline.mirroring.byDefault, onStage }: PrepareOptions,
): Steps<Prepared> {
  const [{ dimsXyz, spacingXyz }] = scans;
  const whole = fileOrder(dimsXyz, pipeline.transposeForward);
  const zyx = fileOrder(dimsXyz, [0, 1, 2]).dimsDhw;
  const box = nonzeroBox(
    scans.map(({ data }) => data),
    zyx,
  );
  const transposed = ({ startDhw, dimsDhw }: typeof box) =>
    [startDhw, dimsDhw].map((zyx) => pipeline.transposeForward.map((axis) => zyx[axis]) as unknown as Triple);
  const [startDhw, croppedDhw] = transposed(box);
  const view = crop(whole, startDhw, croppedDhw);
  const spacingDhw = inViewOrder(view, spacingXyz);

  yield;
  const cropped = yield* eachInSteps(scans, ({ data }) => take(view, data));
  onStage?.('cropped', cropped, croppedDhw);
  const needsMask = pipeline.normalization.some((entry) => 'useMask' in entry && entry.useMask);
  const mask = needsMask ? filledMask(cropped, croppedDhw) : null;
  yield;

  const { image, anisotropyThreshold } = pipeline.resampling;
  const { axis } = separateAxis(spacingDhw, pipeline.spacingDhw, image.separateZ, anisotropyThreshold);
  const resampling: Resampling = {
    fromDhw: croppedDhw,
    toDhw: resizedDims(croppedDhw, spacingDhw, pipeline.spacingDhw),
    order: image.order,
    separate: axis === null ? null : { axis, order: image.orderZ },
  };
  const values =
    pipeline.scheme === 'nnunet-v1'
      ? yield* resampleThenNormalize(cropped, mask, pipeline, resampling, onStage)
      : yield* normalizeThenResample(cropped, mask, pipeline, resampling, onStage);

  const dimsDhw = resampling.toDhw;
  const tiling = nnunetTiling(dimsDhw, manifest.patchDhw, pipeline.tiling);
  const kinds = outputKinds(pipeline, spacingDhw);
  return {
    job: {
      ...tiling,
      channels: scans.length,
      classes: outputChannels(manifest),
      values,
      dimsDhw,
      intensities: scans.map(() => AS_THEY_ARE),
      taps: perAxis((i) => shiftTaps(axisTaps(dimsDhw[i], croppedDhw[i], kinds[i]), tiling.belowDhw[i])),
      reading: readingOf(manifest.output, pipeline.scheme === 'nnunet-v1' ? 'window' : 'never'),
      ...(mirror && pipeline.mirroring.axes.length > 0 && { mirrors: mirrorsOver(pipeline.mirroring.axes) }),
    },
    output: view,
  };
}

function* resampleThenNormalize(
  cropped: readonly VoxelArray[],
  mask: Uint8Array | null,
  { normalization }: PipelineOf<'nnunet-v1'>,
  resampling: Resampling,
  onStage: PrepareOptions['onStage'],
): Steps<Channel> {
  const channels = yield* eachInSteps(cropped, (data) => resample(data, resampling));
  onStage?.('resampled', channels, resampling.toDhw);
  const inside = mask && (yield* resampleMask(mask, resampling));
  for (const [c, channel] of channels.entries()) {
    normalizeV1(channel, normalization[c], inside);
    yield;
  }
  onStage?.('normalised', channels, resampling.toDhw);
  return joinChannels(channels);
}

function* normalizeThenResample(
  cropped: readonly VoxelArray[],
  mask: Uint8Array | null,
  { normalization }: PipelineOf<'nnunet-v2'>,
  resampling: Resampling,
  onStage: PrepareOptions['onStage'],
): Steps<Channel> {
  const channels = yield* eachInSteps(cropped, function* (data, c) {
    const channel = Float32Array.from(data);
    yield;
    normalizeV2(channel, normalization[c], mask);
    yield;
    return channel;
  });
  onStage?.('normalised', channels, resampling.fromDhw);
  const resampled = yield* eachInSteps(channels, (data) => resample(data, resampling));
  onStage?.('resampled', resampled, resampling.toDhw);
  return joinChannels(resampled);
}

const resample = (data: VoxelArray, { fromDhw, toDhw, order, separate }: Resampling): Steps<Channel> =>
  splineResize(data, fromDhw, toDhw, order, separate);

/** The mask goes linearly in plane and by the nearest slice across, and is kept where it is at least one half. */
function* resampleMask(mask: Uint8Array, { fromDhw, toDhw, separate }: Resampling): Steps<Uint8Array> {
  const soft = yield* splineResize(mask, fromDhw, toDhw, 1, separate && { axis: separate.axis, order: 0 });
  return Uint8Array.from(soft, (value) => (value >= 0.5 ? 1 : 0));
}

/**
 * How each axis of the cropped grid reads the network grid.
 * v1 asks the scan's spacing first, v2 the network's. v1 has transposed the probabilities back by then but not the network
 * grid's spacing: where that decides, the axis it names is one of the file's. Kept, because published masks have it.
 */
function outputKinds(pipeline: Nnunet, spacingDhw: Triple): readonly TapKind[] {
  const { output, anisotropyThreshold } = pipeline.resampling;
  const isV1 = pipeline.scheme === 'nnunet-v1';
  const [first, second] = isV1 ? [spacingDhw, pipeline.spacingDhw] : [pipeline.spacingDhw, spacingDhw];
  const choice = separateAxis(first, second, output.separateZ, anisotropyThreshold);
  const isMisnamed = isV1 && choice.by === 'to' && choice.axis !== null;
  const axis = isMisnamed ? pipeline.transposeForward.indexOf(choice.axis as number) : choice.axis;
  return [0, 1, 2].map((i) => tapKind(i === axis ? output.orderZ : output.order));
}

function tapKind(order: SplineOrder): TapKind {
  if (order === 3) {
    throw new ModelError('resampling-unsupported');
  }
  return order === 1 ? 'linear' : 'nearest';
}
