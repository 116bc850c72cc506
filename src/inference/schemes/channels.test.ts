import { describe, expect, it } from 'vitest';
import { saying } from '../../testing/saying';
import type { Volume } from '../../volume/volume';
import { requireChannels } from './channels';

const scan = (name: string, change: Partial<Volume> = {}): Volume => ({
  dimsXyz: [4, 5, 6],
  spacingXyz: [1, 1, 2],
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1],
  data: new Int16Array(120),
  name,
  warnings: [],
  ...change,
});

describe('requireChannels', () => {
  it('accepts scans on one grid, with positions rounded to float32', () => {
    const shifted = scan('b', { affine: [1, 0, 0, 1e-5, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] });
    expect(() => requireChannels([scan('a'), shifted], ['T1', 'T2'])).not.toThrow();
  });

  it('says how many scans are wanted', () => {
    expect(() => requireChannels([scan('a')], ['T1', 'T2'])).toThrow(
      saying('takes 2 scans (T1, T2), but there is one'),
    );
    expect(() => requireChannels([scan('a'), scan('b')], ['CT'])).toThrow(
      saying('takes one scan (CT), but there are 2'),
    );
  });

  it('names the scan that has another size, and both sizes', () => {
    const small = scan('b.nii', { dimsXyz: [4, 5, 5] });
    expect(() => requireChannels([scan('a.nii'), small], ['T1', 'T2'])).toThrow(
      expect.objectContaining({
        code: 'channel-grids-differ',
        parameters: expect.objectContaining({
          ...{ channel: 'T2', name: 'b.nii', firstChannel: 'T1', first: 'a.nii' },
          difference: { code: 'grid-sizes-differ', parameters: { second: '4 x 5 x 5', first: '4 x 5 x 6' } },
        }),
      }),
    );
  });

  it('names the scan that lies elsewhere, and by how much', () => {
    const moved = scan('b.nii', { affine: [1, 0, 0, 3, 0, 1, 0, 4, 0, 0, 2, 0, 0, 0, 0, 1] });
    expect(() => requireChannels([scan('a.nii'), moved], ['T1', 'T2'])).toThrow(
      saying('their positions differ by up to 5.00 mm. Register them'),
    );
  });
});
