import { describe, expect, it } from 'vitest';
import { canonicalGrid } from '../viewer/sliceGeometry';
import type { Triple } from '../volume/volume';
import { whyUnsuitable } from './suitability';

/** A scan of `extent` mm in patient axes, stored with z, x, y as its first, second and third axis. */
function scan(extent: Triple, [min, max] = [0, 900]) {
  const affine = [0, 2, 0, 0, 0, 0, 2, 0, -2, 0, 0, 0, 0, 0, 0, 1] as const;
  const grid = canonicalGrid({
    dimsXyz: [extent[2] / 2, extent[0] / 2, extent[1] / 2],
    spacingXyz: [2, 2, 2],
    affine,
  });
  return { grid, stats: { min, max, low: min, high: max } };
}

const brain: Parameters<typeof whyUnsuitable>[0] = {
  modality: 'MR',
  extentMm: { atLeastXyz: [100, 120, 110], atMostXyz: [320, 320, 320] },
};

describe('whyUnsuitable', () => {
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
    const said = whyUnsuitable(brain, scan(extent));
    if (why === null) expect(said).toBeNull();
    else expect(said).toContain(why);
  });

  it('takes any size where the model names none', () => {
    expect(whyUnsuitable({ modality: 'MR', extentMm: {} }, scan([4, 4, 4000]))).toBeNull();
  });

  it('says that the modality is wrong before it says that the size is', () => {
    expect(whyUnsuitable(brain, scan([4, 4, 4], [-1000, 400]))).toContain('looks like CT (values from -1000 to 400)');
    expect(whyUnsuitable({ modality: 'CT', extentMm: {} }, scan([200, 200, 200]))).toContain('does not look like CT');
  });
});
