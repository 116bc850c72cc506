/**
 * model.json, the manifest beside every model: what the network expects and what its outputs mean. Written by
 * `python -m unetrpp.export` (scripts/export-onnx) or by hand, read by the page, the worker and the command line.
 * docs/model-format.md is its reference.
 */

import { ModelError } from '../core/errors';
import { type Message, message, reasonOf } from '../core/messages';
import { pipelineSchema, positiveTriple, RULES } from './pipelines';
import { z } from './zod';

const patch = positiveTriple.refine((t) => t.every(Number.isInteger), 'rule-three-whole-numbers');
const byte = z.number().int().min(0).max(255);
/** sRGB, 0..255. */
const color = z.tuple([byte, byte, byte]);
const bytes = z.number().int().positive();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'rule-hexadecimal');

const labelSchema = z.object({
  /** Value in the exported mask. 0 is background; ids count 0, 1, 2, ... in order. */
  id: byte,
  name: z.string().min(1),
  color,
  /** Ids in reference label maps that this label collects, e.g. FreeSurfer's. */
  sources: z.array(z.number().int()).optional(),
  /** An island of this label that is smaller, millilitres, is taken for a mistake and becomes what is around it. */
  leastMl: z.number().positive().optional(),
});

/** Union of labels that has a name of its own. */
const regionSchema = z.object({ name: z.string().min(1), color, labels: z.array(z.number().int().min(1)).min(1) });

const channelSchema = z.object({
  name: z.string().min(1),
  /** Parts of a file name, lower case, by which dropped files find their channel: '_0000', 't1ce'. Longer ones win. */
  hints: z.array(z.string().min(1)).default([]),
});

/** What the network's output channels mean; values are logits. */
const outputSchema = z.discriminatedUnion('activation', [
  /** Channel i is label i; the most probable one wins. */
  z.strictObject({ activation: z.literal('softmax') }),
  /** Channel i is the region where label regionOrder[i] is written if its probability is above 0.5; later ones overwrite. */
  z.strictObject({ activation: z.literal('sigmoid'), regionOrder: z.array(z.number().int().min(1)).min(1) }),
]);

/** Size of a whole scan along the patient's axes (right to left, back to front, foot to head), mm. */
const extentSchema = z.strictObject({ atLeastXyz: positiveTriple.optional(), atMostXyz: positiveTriple.optional() });

/** One ONNX file, cut into pieces where it is large: laid end to end, in order, they are the file. */
const weightsSchema = z.object({
  /** How the large tensors are stored; the network computes in float32 either way. */
  precision: z.enum(['fp32', 'fp16']),
  /** Of the whole file. */
  bytes,
  sha256,
  files: z.array(z.object({ file: z.string().regex(/^[\w.-]+$/, 'rule-plain-file-name'), bytes, sha256 })).min(1),
});

export const manifestSchema = z.object({
  format: z.literal('organscope-model'),
  formatVersion: z.literal(2),
  /** Folder name and id, e.g. 'brain-mri'. */
  name: z.string().regex(/^[a-z0-9-]+$/, 'rule-name'),
  title: z.string().min(1),
  version: z.string(),
  task: z.literal('segmentation'),
  modality: z.enum(['MR', 'CT']),
  /** Of scans that the model is made for: the page warns of others. */
  extentMm: extentSchema.default({}),
  /** Input channels in the network's order: one scan each, all on one grid. */
  channels: z.array(channelSchema).min(1),
  labels: z.array(labelSchema).min(2),
  /** Unions of labels that have a name of their own, e.g. 'whole tumour': measured and shown, not stored in the mask. */
  regions: z.array(regionSchema).default([]),
  /** Network input, voxels, (D, H, W). */
  patchDhw: patch,
  output: outputSchema.default({ activation: 'softmax' }),
  pipeline: pipelineSchema,
  weights: weightsSchema,
  /**
   * What the network says to one window that every device can make (job/selfTest.ts), so that a device that computes
   * something else is found out. `weights`: SHA-256 of those that said it.
   */
  selfTest: z.object({ weights: sha256, logits: z.array(z.number()).min(1) }).optional(),
  /** Not good enough to rely on for what it is meant for; shown wherever the model is. */
  experimental: z.boolean().default(false),
  license: z.string().min(1),
  trainingData: z.array(z.object({ name: z.string(), license: z.string(), source: z.string() })).default([]),
  /** Of both: '' where model.json does not say. */
  intendedUse: z.string().default(''),
  limitations: z.string().default(''),
  /** Measured quality: one entry per test scan, Dice per label name. */
  evaluation: z
    .array(z.object({ scan: z.string(), command: z.string(), dice: z.record(z.string(), z.number().nullable()) }))
    .default([]),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type Label = z.infer<typeof labelSchema>;

/** Channels the network puts out: labels, or regions where its activation is sigmoid. */
export function outputChannels({ output, labels }: Pick<Manifest, 'output' | 'labels'>): number {
  return output.activation === 'softmax' ? labels.length : output.regionOrder.length;
}

/** Contradictions between fields that are each fine by themselves; null when there is none. */
function contradiction({ labels, regions, output, channels, pipeline, weights }: Manifest): Message | null {
  const misplaced = labels.findIndex((label, index) => label.id !== index);
  if (misplaced >= 0) {
    return message('label-misplaced', { at: String(misplaced), id: String(labels[misplaced].id) });
  }
  const written = output.activation === 'sigmoid' ? output.regionOrder : [];
  const unknown = [...written, ...regions.flatMap((region) => region.labels)].find((id) => id >= labels.length);
  if (unknown !== undefined) {
    return message('label-unknown', { id: String(unknown), last: String(labels.length - 1) });
  }
  if ('normalization' in pipeline && Array.isArray(pipeline.normalization)) {
    const { length } = pipeline.normalization;
    if (length !== channels.length) {
      return message('normalization-missing', { channels: channels.length, entries: length });
    }
  }
  if (pipeline.scheme === 'organscope-v1' && channels.length !== 1) {
    return message('one-channel-only', { channels: channels.length });
  }
  const exchanged = pipeline.scheme === 'organscope-v1' ? (pipeline.mirroring?.exchange.flat() ?? []) : [];
  const beyond = exchanged.find(
    (id, at) => id < 1 || id >= outputChannels({ output, labels }) || exchanged.indexOf(id) < at,
  );
  if (beyond !== undefined) {
    return message('exchange-wrong', { id: String(beyond) });
  }
  const sum = weights.files.reduce((total, file) => total + file.bytes, 0);
  if (sum !== weights.bytes) {
    return message('weights-sum-wrong', { sum, bytes: weights.bytes });
  }
  return null;
}

/**
 * Reads model.json.
 * @param where for the message: an address, or the file's name
 * @throws ModelError('manifest-not-json'), or as parseManifest
 */
export function readManifest(text: string, where: string): Manifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ModelError('manifest-not-json', { where, why: reasonOf(cause) }, { cause });
  }
  return parseManifest(json);
}

/**
 * Checks a parsed model.json.
 * @throws ModelError('manifest-field-wrong' | 'manifest-contradictory') naming the first field that is wrong and why
 */
export function parseManifest(json: unknown): Manifest {
  const result = manifestSchema.safeParse(json);
  if (!result.success) {
    const issue = result.error.issues[0];
    const why = RULES.find(({ code }) => code === issue.message) ?? issue.message;
    throw new ModelError('manifest-field-wrong', { field: issue.path.join('.') || '(root)', why });
  }
  const wrong = contradiction(result.data);
  if (wrong) throw new ModelError('manifest-contradictory', { why: wrong });
  return result.data;
}
