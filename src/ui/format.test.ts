import { describe, expect, it } from 'vitest';
import { formatBytes, formatDate, formatDuration, formatMl, formatSeconds, formatSpacing } from './format';

describe('formats', () => {
  it('write volumes with one decimal, and never 0.0 for something that is there', () => {
    expect([0, 0.04, 0.05, 1234.56].map(formatMl)).toEqual(['0.0', '< 0.1', '0.1', '1234.6']);
  });

  it('write spacings without trailing zeros', () => {
    expect(formatSpacing([0.9765625, 0.9765625, 3])).toBe('0.977 × 0.977 × 3 mm');
  });

  it('write times the way they are spoken', () => {
    expect([0.4, 59.4, 59.6, 65, 7380].map(formatSeconds)).toEqual([
      '0 s',
      '59 s',
      '1 min 00 s',
      '1 min 05 s',
      '2 h 03 min',
    ]);
    expect([840, 9940, 19_400].map(formatDuration)).toEqual(['0.84 s', '9.9 s', '19 s']);
  });

  it('write sizes in decimal units, small ones with a digit more', () => {
    expect([60_000, 291_328, 22_404_724, 4_100_000_000].map(formatBytes)).toEqual([
      '0.1 MB',
      '0.3 MB',
      '22 MB',
      '4.1 GB',
    ]);
  });

  it('write a day in words, and keep what is none', () => {
    expect(formatDate('2026-11-23T10:00:00.000Z')).toBe('23 November 2026');
    expect(formatDate('yesterday')).toBe('yesterday');
  });
});
