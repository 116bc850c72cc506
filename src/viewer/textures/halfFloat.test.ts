import { describe, expect, it } from 'vitest';
import { fromHalfBits, toHalfBits } from '../../core/half';
import { intensityOf } from '../../volume/intensity';
import { autoWindow } from '../layers/windowLevel';
import { halfCoding, halfEncoder } from './halfFloat';

describe('the intensity texture', () => {
  const decode = (bits: number, { offset, scale }: { offset: number; scale: number }) =>
    fromHalfBits(bits) * scale + offset;

  it('holds every Hounsfield unit within 2048 of the window exactly', () => {
    const data = Int16Array.from({ length: 4096 }, (_, i) => i - 1024);
    const coding = halfCoding(intensityOf(data));
    const out = new Uint16Array(data.length);
    halfEncoder(data, coding)(0, out);
    data.forEach((value, i) => {
      if (Math.abs(value - coding.offset) <= 2048) expect(decode(out[i], coding)).toBe(value);
    });
  });

  it.each([
    ['tiny', 1e-7],
    ['unit', 1],
    ['huge', 1e9],
  ])('keeps a %s range to 1 part in 4000', (_, size) => {
    const data = Float32Array.from({ length: 1713 }, (_, i) => (i / 1712) * size);
    const coding = halfCoding(intensityOf(data));
    const out = new Uint16Array(data.length);
    halfEncoder(data, coding)(0, out);
    data.forEach((value, i) => {
      expect(Math.abs(decode(out[i], coding) - value)).toBeLessThan(size / 4000);
    });
  });

  it.each([1e6, 1e30, 3e38, -1e30, -3.4e38])('keeps tissue apart beside one voxel of %d', (outlier) => {
    const data = Float32Array.from({ length: 5000 }, (_, i) => i % 801);
    data[1234] = outlier;
    const intensity = intensityOf(data);
    const coding = halfCoding(intensity);
    const out = new Uint16Array(data.length);
    halfEncoder(data, coding)(0, out);
    for (const value of [0, 100, 300, 500, 800]) expect(decode(out[value], coding)).toBe(value);
    // What is outside is black or white, whatever the window: clamped, and never zero.
    expect(Math.sign(outlier) * (decode(out[1234], coding) - coding.offset)).toBeGreaterThan(10_000);
    const { center, width } = autoWindow(intensity);
    expect(center - width / 2).toBeCloseTo(16, -1);
    expect(center + width / 2).toBeCloseTo(784, -1);
  });

  it('resolves a narrow window far from zero', () => {
    const data = Float32Array.from({ length: 1000 }, (_, i) => 10_000 + i / 10);
    const coding = halfCoding(intensityOf(data));
    const out = new Uint16Array(data.length);
    halfEncoder(data, coding)(0, out);
    expect(new Set(out).size).toBeGreaterThan(900);
  });

  it.each([
    Int8Array.from([-128, -1, 0, 1, 127]),
    Uint8Array.from([0, 1, 200, 255]),
    Int16Array.from([-32768, -1024, 0, 3071, 32767]),
    Uint16Array.from([0, 1, 65535]),
    Int32Array.from([-70000, 0, 70000]),
  ])('codes $constructor.name by table or by value alike', (data) => {
    const coding = { offset: 17, scale: 1.5 };
    const out = new Uint16Array(data.length - 1);
    halfEncoder(data, coding)(1, out);
    expect([...out]).toEqual([...data].slice(1).map((value) => toHalfBits((value - 17) / 1.5)));
  });
});
