/** The weights file of a model: pieces from wherever they lie, each checked against model.json, laid end to end. */
import { ModelError } from '../core/errors';
import { type Message, message } from '../core/messages';
import { sha256Hex } from '../core/sha256';
import type { Manifest } from './manifest';

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

/** What to do about a damaged piece that came from a server, or from the user. */
export const FETCH_AGAIN = message('fetch-model-again');
export const COPY_AGAIN = message('copy-model-again');

/** The error for a piece of another length than model.json says. */
export const sizeError = (shard: Shard, bytes: number, advice: Message): ModelError =>
  new ModelError('model-size', { file: shard.file, bytes, expected: shard.bytes, advice });

/**
 * Checks one piece.
 * @param advice end of the sentence, e.g. COPY_AGAIN
 * @throws ModelError('model-size' | 'model-checksum') naming the piece, what it is and what model.json says
 */
export async function verifyShard(bytes: Uint8Array<ArrayBuffer>, shard: Shard, advice: Message): Promise<void> {
  if (bytes.length !== shard.bytes) throw sizeError(shard, bytes.length, advice);
  const received = await sha256Hex(bytes);
  if (received !== shard.sha256) {
    throw new ModelError('model-checksum', { file: shard.file, received, expected: shard.sha256, advice });
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
    const { length: count } = weights.files;
    throw new ModelError('weights-checksum', { count, received: digest, expected: weights.sha256 });
  }
  return whole;
}
