/** IEEE half precision as bits, for stores and files that hold 16-bit floats. */

export const LARGEST_HALF = 65504;

const floatView = new Float32Array(1);
const bitsView = new Uint32Array(floatView.buffer);

/** IEEE half bits, round to nearest even. Beyond the range saturates; NaN becomes 0 so that it cannot spread. */
export function toHalfBits(value: number): number {
  if (Number.isNaN(value)) return 0;
  floatView[0] = Math.min(LARGEST_HALF, Math.max(-LARGEST_HALF, value));
  const bits = bitsView[0];
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude < 0x33000001) return sign;
  if (magnitude < 0x38800000) {
    // Subnormal half: a multiple of 2^-24.
    const shift = 126 - (magnitude >>> 23);
    const mantissa = (magnitude & 0x7fffff) | 0x800000;
    const kept = mantissa >>> shift;
    const rest = mantissa & ((1 << shift) - 1);
    const half = 1 << (shift - 1);
    return sign | (kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0));
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return sign | ((rounded - 0x38000000) >>> 13);
}

/** The value of IEEE half bits. */
export function fromHalfBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const mantissa = bits & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** Every number as half bits, see toHalfBits. */
export function toHalves(values: ArrayLike<number>): Uint16Array<ArrayBuffer> {
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) bits[i] = toHalfBits(values[i]);
  return bits;
}

let table: Float32Array | null = null;

/** Half bits as float32, by table: weights come by the million. */
export function fromHalves(bits: Uint16Array): Float32Array<ArrayBuffer> {
  table ??= Float32Array.from({ length: 65536 }, (_, i) => fromHalfBits(i));
  const out = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = table[bits[i]];
  return out;
}
