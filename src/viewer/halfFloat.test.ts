import { describe, expect, it } from 'vitest';
import { fromHalfBits, toHalfBits } from '../volume/half';
import { intensityOf } from '../volume/intensity';
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
