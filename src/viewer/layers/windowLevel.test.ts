import { describe, expect, it } from 'vitest';
import { autoWindow, dragWindow, openingWindow } from './windowLevel';
import { CT_PRESETS } from './windowPresets';

describe('CT presets', () => {
  it('have the numbers radiologists know, on the keys 1 to 5', () => {
    expect(CT_PRESETS.map(({ key, id, width, center }) => [key, id, width, center])).toEqual([
      ['1', 'soft-tissue', 400, 40],
      ['2', 'lung', 1500, -600],
      ['3', 'liver', 150, 90],
      ['4', 'bone', 2500, 480],
      ['5', 'brain', 80, 40],
    ]);
  });
});

describe('autoWindow', () => {
  it('spans the percentiles', () => {
    expect(autoWindow({ min: 0, max: 4000, low: 120, high: 1080 })).toEqual({ center: 600, width: 960 });
  });

  it('spans the whole range where the percentiles coincide, as in a mask', () => {
    expect(autoWindow({ min: 0, max: 1000, low: 1000, high: 1000 })).toEqual({ center: 500, width: 1000 });
  });

  it('has a positive width even when all voxels are equal', () => {
    expect(autoWindow({ min: 7, max: 7, low: 7, high: 7 })).toEqual({ center: 7, width: 1 });
  });
});

describe('dragWindow', () => {
  const ct = { min: -1024, max: 3071, low: -900, high: 1000 };
  const start = { center: 40, width: 400 };

  it('widens to the right and raises the level downwards', () => {
    expect(dragWindow(start, 10, 0, ct)).toEqual({ center: 40, width: 440 });
    expect(dragWindow(start, 0, 10, ct)).toEqual({ center: 80, width: 400 });
    expect(dragWindow(start, -5, -5, ct)).toEqual({ center: 20, width: 380 });
  });

  it('stops at a width of 1 for Hounsfield units', () => {
    expect(dragWindow(start, -1000, 0, ct).width).toBe(1);
  });

  it('moves in steps of the range for a scan of 0 to 1', () => {
    const stats = { min: 0, max: 1, low: 0.1, high: 0.9 };
    const dragged = dragWindow({ center: 0.5, width: 0.8 }, 1024, 0, stats);
    expect(dragged.width).toBeCloseTo(1.8, 9);
    expect(dragWindow({ center: 0.5, width: 0.8 }, -5000, 0, stats).width).toBeCloseTo(1 / 1024, 9);
  });
});

describe('openingWindow', () => {
  it('shows soft tissue in CT, whatever share of it is air', () => {
    const stats = { min: -1024, max: 3071, low: -900, high: 200, looksLike: 'CT' } as const;
    expect(openingWindow(stats)).toEqual({ window: { center: 40, width: 400 }, preset: 'soft-tissue' });
  });
  it.each(['MR', 'unknown'] as const)('takes the automatic window for everything else: %s', (looksLike) => {
    const stats = { min: -500, max: 4095, low: 100, high: 1100, looksLike };
    expect(openingWindow(stats)).toEqual({ window: autoWindow(stats), preset: 'auto' });
  });
});
