/** Whole model folders around the tiny networks of network/onnx/fixtures, for tests of adding and loading models. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { PbfWriter } from 'pbf';
import { decodeModel } from '../inference/network/onnx/decode';
import { encodeModel } from '../inference/network/onnx/encode';
import { makeModel, node } from '../inference/network/onnx/makeModel';
import type { Manifest } from '../models/manifest';

const FIXTURES = new URL('../inference/network/onnx/fixtures/', import.meta.url);

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Channels, classes and patch of the fixtures used. */
const NETWORKS = {
  /** One channel, three classes, 16^3. */
  'shared-concat': { channels: 1, classes: 3 },
  /** Four channels, two classes, 16^3. */
  'plain-sum': { channels: 4, classes: 2 },
} as const;

export interface ModelFolder {
  /** What model.json says; change it before `files()`. */
  readonly manifest: Manifest;
  /** By name: model.json and the weights. */
  files(): Map<string, Uint8Array<ArrayBuffer>>;
}

/** The folder with other weights, described truthfully. */
export function withWeights(folder: ModelFolder, bytes: Uint8Array<ArrayBuffer>): Map<string, Uint8Array<ArrayBuffer>> {
  const described = { bytes: bytes.length, sha256: sha256(bytes) };
  Object.assign(folder.manifest.weights, described, { files: [{ file: 'model.onnx', ...described }] });
  return folder.files().set('model.onnx', bytes);
}

/** A network of one node from [1, 1, 16, 16, 16] to as many: an operator that nobody knows. */
export function unknownOperator(opType: string, domain: string): Uint8Array<ArrayBuffer> {
  const pbf = new PbfWriter();
  pbf.writeStringField(7, domain);
  const plain = node(opType, ['x'], ['y']);
  const bytes = new Uint8Array([...plain.bytes, ...pbf.finish()]);
  return new Uint8Array(encodeModel(makeModel([{ ...plain, bytes }], {}, [1, 1, 16, 16, 16])));
}

/** The weights with one NaN in every large tensor, as an export that overflowed has them. */
export function withNaN(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const spoilt = bytes.slice();
  for (const { data } of decodeModel(spoilt).graph.initializers.values()) {
    // Only views reach into the file; small or unaligned tensors are copies.
    if (data instanceof Float32Array && data.buffer === spoilt.buffer && data.length > 100) data[0] = Number.NaN;
  }
  return spoilt;
}

/** @param pieces how many files the weights are cut into */
export function modelFolder(network: keyof typeof NETWORKS = 'shared-concat', pieces = 1): ModelFolder {
  const { channels, classes } = NETWORKS[network];
  const weights = new Uint8Array(readFileSync(new URL(`${network}.onnx`, FIXTURES)));
  const size = Math.ceil(weights.length / pieces);
  const cut = Array.from({ length: pieces }, (_, i) => weights.slice(i * size, (i + 1) * size));
  const name = (i: number) => (pieces === 1 ? 'model.onnx' : `model.onnx.${i}`);
  const sequences = ['T1', 'T1ce', 'T2', 'FLAIR'].slice(0, channels);
  const manifest: Manifest = {
    format: 'organscope-model',
    formatVersion: 2,
    name: `tiny-${network}`,
    title: channels === 1 ? 'Tiny test model' : 'Tiny four-channel model',
    version: '1.0.0',
    task: 'segmentation',
    modality: 'MR',
    extentMm: {},
    channels: sequences.map((sequence) => ({
      name: channels === 1 ? 'any' : sequence,
      hints: channels === 1 ? [] : [sequence.toLowerCase()],
    })),
    labels: Array.from({ length: classes }, (_, id) => ({
      id,
      name: id === 0 ? 'background' : `structure ${id}`,
      color: [60 * id, 200 - 60 * id, 90] as [number, number, number],
    })),
    regions: [],
    patchDhw: [16, 16, 16],
    output: { activation: 'softmax' },
    pipeline: {
      scheme: 'organscope-v1',
      spacingDhw: [4, 4, 4],
      orientation: 'RAS',
      normalization: { scheme: 'percentile', lower: 0.5, upper: 99.5 },
      tiling: { step: 0.5, sigmaScale: 0.125 },
    },
    weights: {
      precision: 'fp32',
      bytes: weights.length,
      sha256: sha256(weights),
      files: cut.map((bytes, i) => ({ file: name(i), bytes: bytes.length, sha256: sha256(bytes) })),
    },
    experimental: false,
    license: 'Apache-2.0',
    trainingData: [],
    intendedUse: 'Tests. Its weights are random.',
    limitations: 'Its masks mean nothing.',
    evaluation: [],
  };
  if (channels > 1) {
    const sampler = { order: 1, orderZ: 1, separateZ: 'never' } as const;
    (manifest as { pipeline: Manifest['pipeline'] }).pipeline = {
      scheme: 'nnunet-v1',
      transposeForward: [0, 1, 2],
      transposeBackward: [0, 1, 2],
      spacingDhw: [4, 4, 4],
      normalization: sequences.map(() => ({ scheme: 'nonCT' as const, useMask: false })),
      resampling: { image: sampler, output: sampler, anisotropyThreshold: 3 },
      tiling: { step: 0.5, sigmaScale: 0.125 },
      mirroring: { axes: [0, 1, 2], byDefault: false },
    };
  }
  return {
    manifest,
    files: () =>
      new Map<string, Uint8Array<ArrayBuffer>>([
        ['model.json', new TextEncoder().encode(JSON.stringify(manifest))],
        ...cut.map((bytes, i) => [name(i), bytes] as const),
      ]),
  };
}
