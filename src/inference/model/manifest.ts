/**
 * model.json, the manifest beside every model.onnx: what the network expects and what its outputs mean.
 * Written by `python -m unetrpp.export` (scripts/export-onnx), read by the page, the worker and the command line.
 */
import { z } from 'zod';
import { ModelError } from '../../errors';

const triple = z.tuple([z.number(), z.number(), z.number()]);
const positiveTriple = triple.refine((t) => t.every((v) => v > 0), 'must be three positive numbers');
const patch = positiveTriple.refine((t) => t.every(Number.isInteger), 'must be three whole numbers');

export const labelSchema = z.object({
  /** Value in the exported mask; also the class index in the logits. 0 is background. */
  id: z.number().int().min(0).max(255),
  name: z.string().min(1),
  /** sRGB, 0..255. */
  color: z.tuple([
    z.number().int().min(0).max(255),
    z.number().int().min(0).max(255),
    z.number().int().min(0).max(255),
  ]),
  /** Ids in reference label maps that this label collects, e.g. FreeSurfer's. */
  sources: z.array(z.number().int()).optional(),
});

export const manifestSchema = z.object({
  format: z.literal('organscope-model'),
  formatVersion: z.literal(1),
  /** Folder name and id, e.g. 'brain-mri'. */
  name: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string(),
  version: z.string(),
  task: z.literal('segmentation'),
  modality: z.enum(['MR', 'CT']),
  channels: z.array(z.object({ name: z.string() })).min(1),
  /** Index = class index. */
  labels: z.array(labelSchema).min(2),
  /** Network input, voxels, (D, H, W). */
  patchDhw: patch,
  /** Network grid, mm, (D, H, W). */
  spacingDhw: positiveTriple,
  /** Network axes: x, y, z grow towards these sides of the patient. */
  orientation: z.literal('RAS'),
  /** Linear map of [lower, upper] percentile of voxels above the volume's minimum to [0, 1], clipped. */
  normalization: z.object({
    scheme: z.literal('percentile'),
    lower: z.number().min(0).max(100),
    upper: z.number().min(0).max(100),
  }),
  /** nnU-Net v1 sliding window: step as a fraction of the patch, Gaussian weights sigma = sigmaScale * patch, softmax averaged. */
  tiling: z.object({
    scheme: z.literal('nnunet-v1'),
    step: z.number().gt(0).max(1),
    sigmaScale: z.number().gt(0),
  }),
  weights: z.object({
    file: z.string(),
    bytes: z.number().int().positive(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  license: z.string(),
  trainingData: z.array(z.object({ name: z.string(), license: z.string(), source: z.string() })),
  intendedUse: z.string(),
  limitations: z.string(),
  /** Measured quality: one entry per test scan, Dice per label name. */
  evaluation: z.array(
    z.object({ scan: z.string(), command: z.string(), dice: z.record(z.string(), z.number().nullable()) }),
  ),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type Label = z.infer<typeof labelSchema>;

/**
 * Checks a parsed model.json.
 * @throws ModelError('manifest-invalid') naming the first field that is wrong and why.
 */
export function parseManifest(json: unknown): Manifest {
  const result = manifestSchema.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new ModelError(
      'manifest-invalid',
      `model.json: "${issue.path.join('.') || '(root)'}" is wrong: ${issue.message}. Export the model again with this version of Organscope.`,
    );
  }
  const wrong = result.data.labels.findIndex((label, index) => label.id !== index);
  if (wrong >= 0) {
    throw new ModelError(
      'manifest-invalid',
      `model.json: label ${wrong} has id ${result.data.labels[wrong].id}; ids must be 0, 1, 2, ... in order.`,
    );
  }
  return result.data;
}
