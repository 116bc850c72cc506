import { describe, expect, it } from 'vitest';
import { saying } from '../../testing/saying';
import type { Triple } from '../../volume/grid';
import { requireGridFits } from './gridLimit';

const scan = (dimsXyz: Triple, mm: number) => ({ name: 'scan.nii', dimsXyz, spacingXyz: [mm, mm, mm] as Triple });

describe('requireGridFits', () => {
  it("refuses what would have too many voxels at the model's spacing, naming both sizes", () => {
    expect(() => requireGridFits([scan([20, 24, 16], 50)], [1, 1, 1])).toThrow(
      saying(
        "scan.nii (20 x 24 x 16 voxels of 50 x 50 x 50 mm) has 960 million voxels at this model's 1 x 1 x 1 mm; at most 537 million can be segmented.",
      ),
    );
    expect(() => requireGridFits([scan([512, 512, 512], 2)], [0.5, 1, 1])).toThrow(saying('2147 million'));
  });

  it('counts every channel', () => {
    const channels = Array.from({ length: 4 }, () => scan([512, 512, 600], 1));
    expect(() => requireGridFits(channels.slice(0, 1), null)).not.toThrow();
    expect(() => requireGridFits(channels, null)).toThrow(saying(/629 million voxels at this model's 1 x 1 x 1 mm/));
  });

  it('lets a whole body at 1 mm through', () => {
    expect(() => requireGridFits([scan([512, 512, 2000], 0.98)], [1, 1, 1])).not.toThrow();
  });
});
