/**
 * How a model wants its scans prepared, tiled and mapped back: one schema per `scheme`. docs/model-format.md explains
 * every field and gives the formulas; scripts/export-onnx/unetrpp runs every scheme in Python.
 *
 * Axes: `Dhw` counts the network's three spatial axes in the order of its input, whatever they mean in the patient. For
 * 'organscope-v1' and the nnU-Net schemes D is the slowest axis of the file (z), for 'monai' it is the first of `axcodes`.
 */

import { type Message, message } from '../core/messages';
import { z } from './zod';

/** The rules of ours among zod's, whose own sentences stay as zod says them. A schema names one by its code. */
export const RULES: readonly Message[] = [
  message('rule-three-whole-numbers'),
  message('rule-hexadecimal'),
  message('rule-plain-file-name'),
  message('rule-name'),
  message('rule-three-positive-numbers'),
  message('rule-permutation'),
  message('rule-lower-below-upper'),
  message('rule-inverse'),
  message('rule-axcodes'),
];

export const triple = z.tuple([z.number(), z.number(), z.number()]);
export const positiveTriple = triple.refine((t) => t.every((v) => v > 0), 'rule-three-positive-numbers');
const fraction = z.number().gt(0).max(1);
const axis = z.number().int().min(0).max(2);
const permutation = z.tuple([axis, axis, axis]).refine((t) => new Set(t).size === 3, 'rule-permutation');

/** Network axes that may be flipped, and whether they are unless asked otherwise. */
const mirroring = { axes: z.array(axis), byDefault: z.boolean() };

const organscopeV1 = z.strictObject({
  scheme: z.literal('organscope-v1'),
  /** Network grid, mm. */
  spacingDhw: positiveTriple,
  /** Network axes: x, y, z grow towards these sides of the patient. */
  orientation: z.literal('RAS'),
  /**
   * Linear map of [lower, upper] to [0, 1], clipped: percentiles of the voxels above the volume's minimum, or, for CT,
   * intensities as they are.
   */
  normalization: z.discriminatedUnion('scheme', [
    z.strictObject({
      scheme: z.literal('percentile'),
      lower: z.number().min(0).max(100),
      upper: z.number().min(0).max(100),
    }),
    z
      .strictObject({ scheme: z.literal('range'), lower: z.number(), upper: z.number() })
      .refine(({ lower, upper }) => lower < upper, 'rule-lower-below-upper'),
  ]),
  /** Step as a fraction of the patch; Gaussian weights with sigma = sigmaScale * patch; softmax averaged. */
  tiling: z.strictObject({ step: fraction, sigmaScale: z.number().gt(0) }),
  /**
   * The network is first run on a grid `coarser` times as coarse, not mirrored, and windows then tile only the largest island
   * of what it labels there, with a margin; all of the scan where that has less than `leastMl`.
   */
  firstLook: z
    .strictObject({ coarser: z.number().gt(1), marginMm: z.number().min(0), leastMl: z.number().min(0) })
    .optional(),
  /**
   * Planes across D at the base of what is labelled, the end with more of it, are dropped while the labelled voxels are on
   * average less certain than this to be no background.
   */
  baseCertainty: fraction.optional(),
  /**
   * Averaging over mirrored windows, as in the nnU-Net schemes. `exchange` lists pairs of labels that are each other's
   * mirror image along W: left and right.
   */
  mirroring: z
    .strictObject({ ...mirroring, exchange: z.array(z.tuple([z.number().int(), z.number().int()])) })
    .optional(),
});

/** Spline order per use: 0 nearest, 1 linear, 3 cubic B-spline. */
const order = z.union([z.literal(0), z.literal(1), z.literal(3)]);

/** `orderZ` is used across slices where the rule `separateZ` treats the coarse axis on its own. */
const sampler = z.strictObject({ order, orderZ: order, separateZ: z.enum(['auto', 'always', 'never']) });

const resampling = z.strictObject({
  /** Scan to network grid. */
  image: sampler,
  /** Network grid back to the scan. */
  output: sampler,
  /** 'auto' treats an axis on its own when its spacing is more than this many times the finest. */
  anisotropyThreshold: z.number().gt(0),
});

const ctStatistics = { mean: z.number(), sd: z.number().gt(0), lower: z.number(), upper: z.number() };
/** Whether statistics and result are confined to the voxels inside the filled outline of what is not zero. */
const useMask = z.boolean();

/** One entry per channel; names as in nnU-Net v1's plans. */
const normalizationV1 = z.discriminatedUnion('scheme', [
  z.strictObject({ scheme: z.literal('CT'), ...ctStatistics, useMask }),
  z.strictObject({ scheme: z.literal('CT2'), lower: z.number(), upper: z.number(), useMask }),
  z.strictObject({ scheme: z.literal('nonCT'), useMask }),
  z.strictObject({ scheme: z.literal('noNorm') }),
]);

/** One entry per channel; names as in nnU-Net v2's plans without 'Normalization'. */
const normalizationV2 = z.discriminatedUnion('scheme', [
  z.strictObject({ scheme: z.literal('CT'), ...ctStatistics }),
  z.strictObject({ scheme: z.literal('ZScore'), useMask }),
  z.strictObject({ scheme: z.literal('RescaleTo01') }),
  z.strictObject({ scheme: z.literal('RGBTo01') }),
  z.strictObject({ scheme: z.literal('No') }),
]);

const nnunet = {
  /** Network axis i is axis transposeForward[i] of the file's (z, y, x). */
  transposeForward: permutation,
  /** The inverse of transposeForward. */
  transposeBackward: permutation,
  /** Network grid, mm, after transposeForward. */
  spacingDhw: positiveTriple,
  resampling,
  tiling: z.strictObject({ step: fraction, sigmaScale: z.number().gt(0) }),
  /** Averaging over mirrored windows. */
  mirroring: z.strictObject(mirroring),
};
const inverse = {
  check: (p: { transposeForward: number[]; transposeBackward: number[] }) =>
    p.transposeForward.every((from, to) => p.transposeBackward[from] === to),
  message: { message: 'rule-inverse', path: ['transposeBackward'] },
};

const nnunetV1 = z
  .strictObject({ scheme: z.literal('nnunet-v1'), normalization: z.array(normalizationV1).min(1), ...nnunet })
  .refine(inverse.check, inverse.message);
const nnunetV2 = z
  .strictObject({ scheme: z.literal('nnunet-v2'), normalization: z.array(normalizationV2).min(1), ...nnunet })
  .refine(inverse.check, inverse.message);

const monai = z.strictObject({
  scheme: z.literal('monai'),
  /** Towards which side of the patient each network axis grows, e.g. 'RAS': MONAI's Orientationd(axcodes=...). */
  axcodes: z.string().regex(/^(?=.*[RL])(?=.*[AP])(?=.*[SI])[RLAPSI]{3}$/, 'rule-axcodes'),
  /** MONAI's Spacingd(pixdim=...): mm per network axis. null: the scan's own spacing. */
  spacingDhw: positiveTriple.nullable(),
  interpolation: z.strictObject({ image: z.enum(['linear', 'nearest']), output: z.enum(['linear', 'nearest']) }),
  intensity: z.discriminatedUnion('scheme', [
    /** ScaleIntensityRanged: [aMin, aMax] to [bMin, bMax]. */
    z.strictObject({
      scheme: z.literal('range'),
      aMin: z.number(),
      aMax: z.number(),
      bMin: z.number(),
      bMax: z.number(),
      clip: z.boolean(),
    }),
    /** NormalizeIntensityd(channel_wise=True): mean 0, deviation 1 per channel, over non-zero voxels only if `nonzero`. */
    z.strictObject({ scheme: z.literal('normalize'), nonzero: z.boolean() }),
    z.strictObject({ scheme: z.literal('none') }),
  ]),
  /** CropForegroundd after the intensities: the box of voxels above 0 in any channel. */
  cropForeground: z.boolean().default(false),
  /** sliding_window_inference(roi_size = patchDhw): overlap, mode, sigma_scale; zero padding. */
  tiling: z.strictObject({
    overlap: z.number().min(0).lt(1),
    mode: z.enum(['gaussian', 'constant']),
    sigmaScale: z.number().gt(0).default(0.125),
  }),
});

export const pipelineSchema = z.discriminatedUnion('scheme', [organscopeV1, nnunetV1, nnunetV2, monai]);

export type Pipeline = z.infer<typeof pipelineSchema>;
/** The description of one scheme, e.g. PipelineOf<'nnunet-v1'>. */
export type PipelineOf<S extends Pipeline['scheme']> = Extract<Pipeline, { scheme: S }>;
