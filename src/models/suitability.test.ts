import { describe, expect, it } from 'vitest';
import type { Message } from '../core/messages';
import { say } from '../locales/say';
import type { Triple } from '../volume/grid';
import type { Intensity } from '../volume/intensity';
import { pipelineSchema } from './pipelines';
import { type JudgedScan, suitability } from './suitability';

const PLAIN: Intensity = {
  ...{ min: 0, max: 900, low: 10, high: 700, fileMin: 0, fileMax: 900 },
  ...{ below: 0, above: 0, background: 0, looksLike: 'MR' },
};

/** A scan of `extent` mm in patient axes, stored with z, x, y as its first, second and third axis. */
function scan(extent: Triple, intensity: Partial<Intensity> = {}, name = 'head.nii'): JudgedScan {
  return {
    name,
    dimsXyz: [extent[2] / 2, extent[0] / 2, extent[1] / 2],
    spacingXyz: [2, 2, 2],
    affine: [0, 2, 0, 0, 0, 0, 2, 0, -2, 0, 0, 0, 0, 0, 0, 1],
    intensity: { ...PLAIN, ...intensity },
  };
}

const ours = pipelineSchema.parse({
  ...{ scheme: 'organscope-v1', spacingDhw: [1, 1, 1], orientation: 'RAS' },
  normalization: { scheme: 'percentile', lower: 0.5, upper: 99.5 },
  tiling: { step: 0.5, sigmaScale: 0.125 },
});
const monai = (intensity: object) =>
  pipelineSchema.parse({
    ...{ scheme: 'monai', axcodes: 'RAS', spacingDhw: null, intensity },
    interpolation: { image: 'linear', output: 'linear' },
    tiling: { overlap: 0.5, mode: 'constant' },
  });

const brain: Parameters<typeof suitability>[0] = {
  modality: 'MR',
  extentMm: { atLeastXyz: [100, 120, 110], atMostXyz: [320, 320, 320] },
  pipeline: ours,
};
const abdomen = { ...brain, modality: 'CT', extentMm: {} } as const;

const spoken = (warning: Message) => [warning.code, say(warning)];

describe('suitability', () => {
  it.each<[string, Triple, string | null]>([
    ['a head', [180, 220, 200], null],
    ['the smallest that is allowed', [100, 120, 110], null],
    ['the largest that is allowed', [320, 320, 320], null],
    [
      'a stack of a heart',
      [300, 310, 80],
      '80 mm from foot to head, but the model is made for scans of at least 110 mm',
    ],
    ['a trunk', [400, 300, 300], '400 mm from right to left, but the model is made for scans of at most 320 mm'],
    ['a block', [120, 40, 120], '40 mm from back to front, but the model is made for scans of at least 120 mm'],
  ])('of %s', (_, extent, why) => {
    const said = suitability(brain, [scan(extent)]);
    if (why === null) expect(said).toEqual([]);
    else expect(said.map(spoken)).toEqual([['extent', expect.stringContaining(why)]]);
  });

  it('takes a mask for no scan', () => {
    const mask = (because: 'header' | 'values') => ({
      ...scan([180, 220, 200], { max: 5 }, 'm.nii'),
      labelMap: { because },
    });
    for (const [because, says] of [
      ['header', 'its header says so'],
      ['values', 'whole numbers from 0 on'],
    ] as const) {
      expect(suitability(abdomen, [mask(because)]).map(spoken)).toEqual([
        ['label-map', expect.stringMatching(`m.nii seems to be a mask and not a scan .*${says}.*Choose the scan`)],
      ]);
    }
  });

  it('takes any size where the model names none', () => {
    expect(suitability({ ...brain, extentMm: {} }, [scan([4, 4, 4000])])).toEqual([]);
  });

  it('says that the modality is wrong before it says that the size is', () => {
    const said = suitability(brain, [scan([4, 4, 4], { looksLike: 'CT', min: -1000, max: 400 })]);
    expect(said.map(({ code }) => code)).toEqual(['modality', 'extent']);
    expect(say(said[0])).toContain('head.nii looks like CT (values from -1000 to 400)');
  });

  it('says that values are not Hounsfield units, and what may be missing', () => {
    const [warning] = suitability(abdomen, [scan([300, 300, 300], { min: 24, max: 1633 })]);
    expect(warning.code).toBe('not-hounsfield');
    expect(say(warning)).toMatch(/not Hounsfield units \(values from 24 to 1633\).*intercept.*missing/);
  });

  it('says it where the values do not tell, in other words', () => {
    const crop = scan([300, 300, 300], { looksLike: 'unknown', min: -150, max: 292 });
    for (const model of [abdomen, brain]) {
      const [warning] = suitability(model, [crop]);
      expect(warning.code).toBe('modality-unknown');
      expect(say(warning)).toContain('may');
      expect(say(warning)).not.toContain('would mean nothing');
    }
  });

  it('judges every scan that goes into the run', () => {
    const said = suitability(brain, [scan([200, 200, 200]), scan([200, 200, 200], { looksLike: 'CT' }, 'other.nii')]);
    expect(said.map(spoken)).toEqual([['modality', expect.stringContaining('other.nii')]]);
  });

  it('warns of padding where the published preparation takes it for intensities', () => {
    const padded = scan([200, 200, 200], { fileMin: -32768, below: 0.7 });
    expect(suitability(brain, [padded])).toEqual([]);
    const range = { scheme: 'range', aMin: -200, aMax: 300, bMin: 0, bMax: 1 };
    expect(suitability({ ...brain, pipeline: monai({ ...range, clip: true }) }, [padded])).toEqual([]);
    for (const pipeline of [monai({ ...range, clip: false }), monai({ scheme: 'normalize', nonzero: true })]) {
      const said = suitability({ ...brain, pipeline }, [padded]);
      expect(said.map(spoken)).toEqual([['padding', expect.stringContaining('70.0 % of the voxels of head.nii')]]);
      expect(say(said[0])).toContain('(-32768, the rest 0 to 900)');
    }
  });
});
