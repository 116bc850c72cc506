/** The weights file of a model: pieces from wherever they lie, each checked against model.json, laid end to end. */
import { ModelError } from '../core/errors';
import type { Manifest } from './manifest';
import { sha256Hex } from './sha256';

/** One piece of the weights file: a plain file name, its size and checksum. */
export type Shard = Manifest['weights']['files'][number];

/** A model in memory, its weights verified against the manifest. */
export interface LoadedModel {
  readonly manifest: Manifest;
  /** model.onnx, whole. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes so far and in total. */
export type OnBytes = (done: number, total: number) => void;

/** The error for a piece of another length than model.json says. */
export const sizeError = (shard: Shard, bytes: number, advice: string): ModelError =>
  new ModelError(
    'model-size',
    `${shard.file} has ${bytes} bytes, model.json expects ${shard.bytes}. It is incomplete or does not belong to this model.json; ${advice}`,
  );

/**
 * Checks one piece.
 * @param advice end of the message, e.g. 'copy the folder again.'
 * @throws ModelError('model-size' | 'model-checksum') naming the piece, what it is and what model.json says
 */
export async function verifyShard(bytes: Uint8Array<ArrayBuffer>, shard: Shard, advice: string): Promise<void> {
  if (bytes.length !== shard.bytes) throw sizeError(shard, bytes.length, advice);
  const received = await sha256Hex(bytes);
  if (received !== shard.sha256) {
    throw new ModelError(
      'model-checksum',
      `${shard.file} is damaged or not the file that model.json describes: its SHA-256 is ${received}, model.json expects ${shard.sha256}; ${advice}`,
    );
  }
}

/**
 * Reads all pieces in order into one array.
 * @param read gives one piece, already verified, and reports its bytes as they come
 * @param signal checked before every piece
 * @throws ModelError when the whole is not what model.json promises, although its pieces are
 */
export async function assembleWeights(
  { weights }: Manifest,
  read: (shard: Shard, onBytes: (done: number) => void) => Promise<Uint8Array>,
  onBytes: OnBytes,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const whole = new Uint8Array(weights.bytes);
  let at = 0;
  onBytes(0, weights.bytes);
  for (const shard of weights.files) {
    signal?.throwIfAborted();
    const start = at;
    whole.set(await read(shard, (done) => onBytes(start + Math.min(done, shard.bytes), weights.bytes)), start);
    at += shard.bytes;
    onBytes(at, weights.bytes);
  }
  // One piece is the whole: its checksum has been compared already, unless model.json contradicts itself.
  const [only] = weights.files;
  const digest = weights.files.length === 1 ? only.sha256 : await sha256Hex(whole);
  if (digest !== weights.sha256) {
    throw new ModelError(
      'model-checksum',
      `The ${weights.files.length} weight files are each intact, but together their SHA-256 is ${digest} and model.json expects ${weights.sha256}: their order or model.json is wrong. Export the model again.`,
    );
  }
  return whole;
}
