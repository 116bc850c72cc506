/**
 * Whether a device computes what the network means: one window that every device can make, against what ONNX Runtime said to
 * it on the CPU when the model was exported. unetrpp/inference/self_test.py makes the same window.
 */
import { ModelError } from '../../core/errors';
import { message } from '../../core/messages';
import type { Manifest } from '../../models/manifest';
import { outputChannels } from '../../models/manifest';
import type { Triple } from '../../volume/grid';
import type { Measurements } from '../gpu/measurements';
import type { Precision, ProviderInfo, SelfTestAnswer } from '../protocol';
import type { WindowExecutor } from '../windows/contract';
import { type DryRunManifest, oneWindow } from './dryRun';

/** Largest difference of a logit, in standard deviations of the reference's, by how our kernels store numbers. */
const TOLERANCE: Readonly<Record<Precision, number>> = { fp32: 0.02, fp16: 0.1 };

/** 16 bits of a 32-bit number. */
function hashed(n: number): number {
  let h = Math.imul(n ^ (n >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 16;
}

/** Noise in blocks of 8 voxels a side and finer noise on it, in [0, 1), (channels, D, H, W). */
export function testWindow(channels: number, [depth, height, width]: Triple): Float32Array<ArrayBuffer> {
  const values = new Float32Array(channels * depth * height * width);
  for (let c = 0, i = 0; c < channels; c++)
    for (let z = 0; z < depth; z++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++, i++) {
          const block = ((c * 64 + (z >> 3)) * 64 + (y >> 3)) * 64 + (x >> 3);
          values[i] = (3 * hashed((block + 0x9e3779b9) | 0) + hashed(i)) / 2 ** 18;
        }
  return values;
}

/** Which logits of (classes, D, H, W) are compared. */
export const testPositions = (compared: number, logits: number): number[] =>
  Array.from({ length: compared }, (_, i) => (Math.imul(i, 2654435761) >>> 0) % logits);

/** What the model says about itself; null where it brings nothing to compare with, or only of other weights. */
export const referenceOf = ({ selfTest, weights }: Pick<Manifest, 'selfTest' | 'weights'>): readonly number[] | null =>
  selfTest && selfTest.weights === weights.sha256 ? selfTest.logits : null;

/**
 * Runs the window and compares.
 * @throws what the executor throws
 */
export async function compareWindow(
  executor: WindowExecutor,
  manifest: DryRunManifest,
  reference: readonly number[],
  precision: Precision,
): Promise<SelfTestAnswer> {
  const { channels, patchDhw } = manifest;
  const voxels = patchDhw[0] * patchDhw[1] * patchDhw[2];
  const startedAt = performance.now();
  let answer: Float32Array = new Float32Array(0);
  await executor.run(oneWindow(manifest, testWindow(channels.length, patchDhw)), {
    onWindow: async () => undefined,
    onSlab: () => undefined,
    logits: {
      at: testPositions(reference.length, voxels * outputChannels(manifest)),
      tell(values) {
        answer = values;
      },
    },
  });
  const mean = reference.reduce((sum, value) => sum + value, 0) / reference.length;
  const deviation = Math.sqrt(reference.reduce((sum, value) => sum + (value - mean) ** 2, 0) / reference.length);
  const error = reference.reduce((most, value, i) => Math.max(most, Math.abs(value - answer[i])), 0) / deviation;
  const tolerance = TOLERANCE[precision];
  return {
    outcome: error <= tolerance ? 'passed' : 'failed',
    provider: executor.info,
    ...{ precision, error, tolerance },
    milliseconds: performance.now() - startedAt,
    testedAt: new Date().toISOString(),
  };
}

/** With this version of the page: what another version's kernels answered says nothing about these. */
const nameOf = (sha256: string, { provider }: ProviderInfo, precision: Precision) =>
  `self-test, ${__VERSION__} ${sha256} ${provider} ${precision}`;

/** The answer of this machine that is kept, null where it has not been tested. */
export const keptAnswer = async (
  kept: Measurements,
  { weights }: Pick<Manifest, 'weights'>,
  on: ProviderInfo,
  precision: Precision,
): Promise<SelfTestAnswer | null> =>
  ((await kept.get(nameOf(weights.sha256, on, precision))) as SelfTestAnswer | undefined) ?? null;

/** Remembers an answer for `keptAnswer`. */
export const keepAnswer = (
  kept: Measurements,
  { weights }: Pick<Manifest, 'weights'>,
  answer: SelfTestAnswer,
): Promise<void> => kept.set(nameOf(weights.sha256, answer.provider, answer.precision), answer);

/** Lets a device that failed be asked again. */
export const forgetAnswer = (
  kept: Measurements,
  { weights }: Pick<Manifest, 'weights'>,
  on: ProviderInfo,
  precision: Precision,
): Promise<void> => kept.set(nameOf(weights.sha256, on, precision), undefined);

/** @throws ModelError('self-test-failed') when the device must not be used for this model */
export function requirePassed(answer: SelfTestAnswer | null): void {
  if (answer?.outcome !== 'failed') return;
  const { provider, adapter } = answer.provider;
  throw new ModelError('self-test-failed', {
    happened: message('self-test-differs', { provider, adapter }),
  });
}
