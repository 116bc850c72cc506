import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { saying } from '../testing/saying';
import { type Manifest, outputChannels, parseManifest } from './manifest';

const sha256 = 'ab'.repeat(32);
const sampler = { order: 3, orderZ: 0, separateZ: 'auto' };
const nnunet = {
  transposeForward: [1, 2, 0],
  transposeBackward: [2, 0, 1],
  spacingDhw: [3, 0.76, 0.76],
  resampling: { image: sampler, output: { ...sampler, order: 1 }, anisotropyThreshold: 3 },
  tiling: { step: 0.5, sigmaScale: 0.125 },
  mirroring: { axes: [0, 1, 2], byDefault: false },
};
const pipelines = {
  'organscope-v1': {
    scheme: 'organscope-v1',
    spacingDhw: [2, 2, 2],
    orientation: 'RAS',
    normalization: { scheme: 'percentile', lower: 0.5, upper: 99.5 },
    tiling: { step: 0.5, sigmaScale: 0.125 },
  },
  'nnunet-v1': {
    scheme: 'nnunet-v1',
    normalization: [{ scheme: 'CT', mean: 84, sd: 141, lower: -958, upper: 326, useMask: false }],
    ...nnunet,
  },
  'nnunet-v2': { scheme: 'nnunet-v2', normalization: [{ scheme: 'ZScore', useMask: true }], ...nnunet },
  monai: {
    scheme: 'monai',
    axcodes: 'RAS',
    spacingDhw: [1.5, 1.5, 2],
    interpolation: { image: 'linear', output: 'linear' },
    intensity: { scheme: 'range', aMin: -175, aMax: 250, bMin: 0, bMax: 1, clip: true },
    tiling: { overlap: 0.5, mode: 'gaussian' },
  },
};

// biome-ignore lint/suspicious/noExplicitAny: tests break it on purpose
type Json = any;

/** A valid manifest. */
function manifest(scheme: keyof typeof pipelines = 'nnunet-v1'): Json {
  return structuredClone({
    format: 'organscope-model',
    formatVersion: 2,
    name: 'own-model',
    title: 'Own model',
    version: '1',
    task: 'segmentation',
    modality: 'CT',
    channels: [{ name: 'CT' }],
    labels: [
      { id: 0, name: 'background', color: [0, 0, 0] },
      { id: 1, name: 'spleen', color: [255, 0, 0] },
      { id: 2, name: 'liver', color: [0, 255, 0] },
    ],
    patchDhw: [64, 128, 128],
    pipeline: pipelines[scheme],
    weights: { precision: 'fp16', bytes: 5, sha256, files: [{ file: 'model.onnx', bytes: 5, sha256 }] },
    license: 'CC-BY-4.0',
  });
}

describe('parseManifest', () => {
  it.each(Object.keys(pipelines) as (keyof typeof pipelines)[])(
    'reads scheme %s and fills in what may be left out',
    (scheme) => {
      const read = parseManifest(manifest(scheme));
      expect(read.pipeline.scheme).toBe(scheme);
      expect(read.channels[0].hints).toEqual([]);
      expect(read.output).toEqual({ activation: 'softmax' });
      expect(outputChannels(read)).toBe(3);
      expect([read.regions, read.evaluation, read.trainingData]).toEqual([[], [], []]);
    },
  );

  it('reads the bundled model', () => {
    const bundled = new URL('../../public/models/brain-mri/model.json', import.meta.url);
    expect(parseManifest(JSON.parse(readFileSync(bundled, 'utf8'))).name).toBe('brain-mri');
  });

  it.each([
    [
      'an unknown scheme',
      (m: Json) => {
        m.pipeline.scheme = 'monia';
      },
      'pipeline.scheme',
    ],
    [
      'a misspelt field',
      (m: Json) => {
        m.pipeline.mirorring = {};
      },
      'mirorring',
    ],
    [
      'transposes that do not undo each other',
      (m: Json) => {
        m.pipeline.transposeBackward = [1, 2, 0];
      },
      'transposeBackward',
    ],
    [
      'too few normalisations',
      (m: Json) => {
        m.channels.push({ name: 'PET' });
      },
      '2 channels but 1',
    ],
    [
      'a label out of order',
      (m: Json) => {
        m.labels[1].id = 2;
      },
      'label 1 has id 2',
    ],
    [
      'a label exchanged for two others',
      (m: Json) => {
        const mirroring = {
          axes: [2],
          byDefault: true,
          exchange: [
            [1, 2],
            [2, 1],
          ],
        };
        m.pipeline = { ...pipelines['organscope-v1'], mirroring };
      },
      'exchange names label 2 twice',
    ],
    [
      'a least size of nothing',
      (m: Json) => {
        m.labels[1].leastMl = 0;
      },
      'labels.1.leastMl',
    ],
    [
      'a region of a label there is none of',
      (m: Json) => {
        m.regions = [{ name: 'all', color: [1, 1, 1], labels: [1, 3] }];
      },
      'label 3',
    ],
    [
      'a region order beyond the labels',
      (m: Json) => {
        m.output = { activation: 'sigmoid', regionOrder: [1, 2, 9] };
      },
      'label 9',
    ],
    [
      'pieces that do not add up',
      (m: Json) => {
        m.weights.bytes = 6;
      },
      '5 bytes together',
    ],
    [
      'a file outside the folder',
      (m: Json) => {
        m.weights.files[0].file = '../model.onnx';
      },
      'plain file name',
    ],
    [
      'a range that ends before it begins',
      (m: Json) => {
        m.pipeline = { ...pipelines['organscope-v1'], normalization: { scheme: 'range', lower: 300, upper: -200 } };
      },
      'lower must be below upper',
    ],
    [
      'an older format',
      (m: Json) => {
        m.formatVersion = 1;
      },
      'formatVersion',
    ],
  ])('refuses %s and names it', (_, damage, named) => {
    const broken = manifest();
    damage(broken);
    expect(() => parseManifest(broken)).toThrowError(
      expect.objectContaining({
        name: 'ModelError',
        code: expect.stringMatching(/^manifest-(field-wrong|contradictory)$/),
      }),
    );
    expect(() => parseManifest(broken)).toThrow(saying(named));
  });

  it('counts regions as output channels where the activation is sigmoid', () => {
    const brats = manifest();
    brats.output = { activation: 'sigmoid', regionOrder: [1, 2] };
    expect(outputChannels(parseManifest(brats) as Manifest)).toBe(2);
  });
});
