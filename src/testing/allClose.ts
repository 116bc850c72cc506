/** Comparing arrays of numbers with one tolerance and a message that shows the worst element. */
import { expect } from 'vitest';

/**
 * Largest |actual - expected| and RMS of it, both relative to the RMS of `expected`.
 * Infinite when lengths differ or anything is not finite.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): { max: number; rms: number } {
  if (actual.length !== expected.length) return { max: Number.POSITIVE_INFINITY, rms: Number.POSITIVE_INFINITY };
  let size = 0;
  let squares = 0;
  let max = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]);
    if (!Number.isFinite(error)) return { max: Number.POSITIVE_INFINITY, rms: Number.POSITIVE_INFINITY };
    max = Math.max(max, error);
    squares += error * error;
    size += expected[i] * expected[i];
  }
  const scale = Math.sqrt(size / expected.length) || 1;
  return { max: max / scale, rms: Math.sqrt(squares / expected.length) / scale };
}

/**
 * Fails unless every element is within `tolerance` of `expected`, in units of the RMS of `expected`.
 * @param rounding what storing may have changed of an element besides, relative to it
 */
export function expectAllClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  rounding = 0,
): void {
  expect(actual.length).toBe(expected.length);
  const nearest = Float64Array.from(expected, (value, i) => {
    const most = Math.abs(value) * rounding;
    return value + Math.min(most, Math.max(-most, actual[i] - value));
  });
  expect(relativeError(actual, nearest).max).toBeLessThanOrEqual(tolerance);
}

/** Deterministic numbers, roughly standard normal (sum of four uniforms), for test tensors. */
export function randomNormal(length: number, seed: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(length);
  let state = (seed * 2654435761) >>> 0 || 1;
  const uniform = () => {
    // xorshift32
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
  for (let i = 0; i < length; i++) values[i] = (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
  return values;
}

/** Largest |actual - expected|, as a part of the largest |expected|. Fails when lengths differ. */
export function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]));
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
  }
  return difference / largest;
}
