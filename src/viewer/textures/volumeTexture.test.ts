import { describe, expect, it } from 'vitest';
import { UnsupportedDeviceError } from '../../core/errors';
import { saying } from '../../testing/saying';
import { requireTextureFits } from './volumeTexture';

describe('requireTextureFits', () => {
  it('accepts a scan exactly at the limit', () => {
    expect(() => requireTextureFits([13, 2048, 23], 2048)).not.toThrow();
  });

  it('names size and limit of a scan that is too large', () => {
    expect(() => requireTextureFits([13, 17, 2049], 2048)).toThrow(UnsupportedDeviceError);
    expect(() => requireTextureFits([13, 17, 2049], 2048)).toThrow(saying(/13 × 17 × 2049 voxels.*at most 2048/));
  });
});
