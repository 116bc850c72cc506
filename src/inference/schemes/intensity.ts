/**
 * Intensities to the range a network was trained on, one channel at a time and in place: the normalisations of nnU-Net v1
 * and v2 and of MONAI. Means and deviations are over float64 sums; deviations are those of the population.
 */
import { InvalidInputError } from '../../core/errors';
import type { PipelineOf } from '../../models/pipelines';

type NormalizationV1 = PipelineOf<'nnunet-v1'>['normalization'][number];
type NormalizationV2 = PipelineOf<'nnunet-v2'>['normalization'][number];
type Intensity = PipelineOf<'monai'>['intensity'];

/** Added to (v1) or least (v2) deviation, so that a constant channel becomes 0. */
const EPSILON = 1e-8;

interface Moments {
  readonly mean: number;
  readonly deviation: number;
}

/** Mean and population deviation of the voxels that count; both 0 when none does. */
function moments(values: Float32Array, counts: (i: number) => boolean): Moments {
  let count = 0;
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    if (!counts(i)) continue;
    count++;
    sum += values[i];
  }
  if (count === 0) return { mean: 0, deviation: 0 };
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < values.length; i++) if (counts(i)) squares += (values[i] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / count) };
}

const everywhere = () => true;

/** values <- (clamp(values, low, high) - mean) / deviation, where `counts`. */
function standardize(
  values: Float32Array,
  { mean, deviation }: Moments,
  [low, high]: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): void {
  for (let i = 0; i < values.length; i++) values[i] = (Math.min(high, Math.max(low, values[i])) - mean) / deviation;
}

/**
 * nnU-Net v1: CT by the training set's statistics, CT2 by this scan's between the training set's bounds, nonCT by this
 * scan's; with `useMask` within the mask, and 0 outside it.
 * @param mask 1 inside, 0 outside, one per voxel; needed where the normalisation says `useMask`
 */
export function normalizeV1(values: Float32Array, normalization: NormalizationV1, mask: Uint8Array | null): void {
  if (normalization.scheme === 'noNorm') return;
  const inside = normalization.useMask ? mask : null;
  switch (normalization.scheme) {
    case 'CT': {
      const { mean, sd, lower, upper } = normalization;
      standardize(values, { mean, deviation: sd }, [lower, upper]);
      break;
    }
    case 'CT2': {
      const { lower, upper } = normalization;
      standardize(
        values,
        moments(values, (i) => values[i] > lower && values[i] < upper),
        [lower, upper],
      );
      break;
    }
    case 'nonCT': {
      const { mean, deviation } = moments(values, inside ? (i) => inside[i] === 1 : everywhere);
      standardize(values, { mean, deviation: deviation + EPSILON });
      break;
    }
  }
  if (inside) for (let i = 0; i < values.length; i++) if (inside[i] === 0) values[i] = 0;
}

/**
 * nnU-Net v2: CT by the training set's statistics, ZScore by this scan's (with `useMask` within the mask, voxels outside
 * stay as they are), RescaleTo01 to the scan's range, RGBTo01 by 255, No.
 * @param mask as for normalizeV1
 * @throws InvalidInputError('not-rgb') for RGBTo01 of values outside [0, 255]
 */
export function normalizeV2(values: Float32Array, normalization: NormalizationV2, mask: Uint8Array | null): void {
  switch (normalization.scheme) {
    case 'CT': {
      const { mean, sd, lower, upper } = normalization;
      standardize(values, { mean, deviation: Math.max(sd, EPSILON) }, [lower, upper]);
      break;
    }
    case 'ZScore': {
      const inside = normalization.useMask ? mask : null;
      const { mean, deviation } = moments(values, inside ? (i) => inside[i] === 1 : everywhere);
      const scale = Math.max(deviation, EPSILON);
      for (let i = 0; i < values.length; i++) if (!inside || inside[i] === 1) values[i] = (values[i] - mean) / scale;
      break;
    }
    case 'RescaleTo01': {
      const [low, high] = range(values);
      standardize(values, { mean: low, deviation: Math.max(high - low, EPSILON) });
      break;
    }
    case 'RGBTo01': {
      const [low, high] = range(values);
      if (low < 0 || high > 255) throw new InvalidInputError('not-rgb', { low: String(low), high: String(high) });
      standardize(values, { mean: 0, deviation: 255 });
      break;
    }
    case 'No':
      break;
  }
}

/** MONAI: ScaleIntensityRange, NormalizeIntensity of one channel, or nothing. */
export function scaleIntensity(values: Float32Array, intensity: Intensity): void {
  switch (intensity.scheme) {
    case 'range': {
      const { aMin, aMax, bMin, bMax, clip } = intensity;
      for (let i = 0; i < values.length; i++) {
        const value = ((values[i] - aMin) / (aMax - aMin)) * (bMax - bMin) + bMin;
        values[i] = clip ? Math.min(bMax, Math.max(bMin, value)) : value;
      }
      break;
    }
    case 'normalize': {
      const counts = intensity.nonzero ? (i: number) => values[i] !== 0 : everywhere;
      const { mean, deviation } = moments(values, counts);
      const scale = deviation === 0 ? 1 : deviation;
      for (let i = 0; i < values.length; i++) if (counts(i)) values[i] = (values[i] - mean) / scale;
      break;
    }
    case 'none':
      break;
  }
}

function range(values: Float32Array): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  return [low, high];
}
