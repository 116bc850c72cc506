import { describe, expect, it } from 'vitest';
import { formatIntensity, formatLength, formatSigned, formatWorld, scaleBarMm } from './readout';

describe('readouts', () => {
  it('name the side of the patient instead of a sign', () => {
    expect(formatWorld([-12.34, 4, 0])).toBe('L 12.3  A 4.0  S 0.0 mm');
    expect(formatWorld([12.36, -4, -0.04])).toBe('R 12.4  P 4.0  S 0.0 mm');
  });

  it('write no minus before a zero', () => {
    expect(formatSigned(-0.04, 1)).toBe('0.0');
    expect(formatSigned(-5, 0)).toBe('−5');
  });

  it('give intensities the digits their range needs', () => {
    expect(formatIntensity(-1024, 4095)).toBe('−1024');
    expect(formatIntensity(149.27, 4095)).toBe('149');
    expect(formatIntensity(0.123456, 1)).toBe('0.123');
    expect(formatIntensity(Number.NaN, 1)).toBe('NaN');
    expect(formatIntensity(1.234e-8, 4e-8)).toBe('1.23e−8');
    expect(formatIntensity(-1.234e-8, 4e-8)).toBe('−1.23e−8');
    expect(formatIntensity(0, 4e-8)).toBe('0');
    expect(formatIntensity(0.0012346, 0.002)).toBe('0.001235');
    expect(formatIntensity(3e-9, 0)).toBe('3.00e−9');
  });

  it('choose round scale bars that fit', () => {
    expect([0.4, 0.02, 0.0019, 0.07].map(scaleBarMm)).toEqual([0.2, 0.02, 0.001, 0.05]);
    expect([0.5, 0.1, 0.02, 0.005].map(formatLength)).toEqual(['0.5 mm', '0.1 mm', '20 µm', '5 µm']);
    expect([1.9, 2, 7, 10, 49, 50, 120].map(scaleBarMm)).toEqual([1, 2, 5, 10, 20, 50, 100]);
    expect([5, 10, 50].map(formatLength)).toEqual(['5 mm', '1 cm', '5 cm']);
  });
});
