/**
 * How four numbers lie in memory: as vec4f, or as halves in half the bytes. This is the only file that knows; shaders
 * call load_NAME and store_NAME (Bindings in wgsl.ts) and compute in fp32 whatever the storage.
 */
import { fromHalves, toHalves } from '../../core/half';

/** 'fp32': 16 bytes per vec4. 'fp16': four halves, 8 bytes. */
export type Storage = 'fp32' | 'fp16';

export const VEC4_BYTES: Readonly<Record<Storage, number>> = { fp32: 16, fp16: 8 };

/** How a shader sees halves: 'f16' needs the device feature shader-f16, 'packed' nothing. The bytes are the same. */
export type HalfType = 'packed' | 'f16';

/** A WGSL array's element, and the two conversions as expressions. */
interface Format {
  readonly element: string;
  readonly load: (stored: string) => string;
  readonly store: (value: string) => string;
}

type Element = 'vec4f' | 'mat4x4f';

const asIs = (expression: string) => expression;

/** Matrices are packed either way: loads of mat4x4<f16> took 1.5 times as long as of packed ones (docs/performance.md). */
const packedMatrix: Format = { element: 'array<vec2u, 4>', load: (x) => `unpackMatrix(${x})`, store: asIs };

const HALVES: Readonly<Record<HalfType, Readonly<Record<Element, Format>>>> = {
  packed: {
    vec4f: { element: 'vec2u', load: (x) => `unpackHalves(${x})`, store: (v) => `packHalves(${v})` },
    mat4x4f: packedMatrix,
  },
  f16: {
    vec4f: { element: 'vec4<f16>', load: (x) => `vec4f(${x})`, store: (v) => `vec4<f16>(inHalfRange(${v}))` },
    mat4x4f: packedMatrix,
  },
};

/** How an array of `type` is declared, read and written. */
export function formatOf(type: Element, storage: Storage, halfType: HalfType): Format {
  return storage === 'fp16' ? HALVES[halfType][type] : { element: type, load: asIs, store: asIs };
}

/**
 * Functions that the conversions above call. Halves end at 65504; what lies beyond is stored as that, because
 * pack2x16float and f16() of larger numbers may give anything (WGSL 17.10), infinity included.
 */
export const HALF_FUNCTIONS = `fn inHalfRange(v: vec4f) -> vec4f { return clamp(v, vec4f(-65504.0), vec4f(65504.0)); }
fn packHalves(v: vec4f) -> vec2u {
  let c = inHalfRange(v);
  return vec2u(pack2x16float(c.xy), pack2x16float(c.zw));
}
fn unpackHalves(h: vec2u) -> vec4f { return vec4f(unpack2x16float(h.x), unpack2x16float(h.y)); }
fn unpackMatrix(h: array<vec2u, 4>) -> mat4x4f {
  return mat4x4f(unpackHalves(h[0]), unpackHalves(h[1]), unpackHalves(h[2]), unpackHalves(h[3]));
}
`;

/** Numbers as they are uploaded. */
export function encode(values: Float32Array<ArrayBuffer>, storage: Storage): ArrayBufferView<ArrayBuffer> {
  return storage === 'fp16' ? toHalves(values) : values;
}

/** Downloaded bytes as numbers. */
export function decode(bytes: ArrayBuffer, storage: Storage): Float32Array<ArrayBuffer> {
  return storage === 'fp16' ? fromHalves(new Uint16Array(bytes)) : new Float32Array(bytes);
}
