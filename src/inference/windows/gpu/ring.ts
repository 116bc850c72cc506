/** The ring of averaged probabilities as all kernels of this folder see it: its layout, and WGSL to read and write it. */
import { channelGroups } from '../../gpu/recorder';
import { formatOf, HALF_FUNCTIONS, VEC4_BYTES } from '../../gpu/storage';
import source from './ring.wgsl?raw';

export interface RingShape {
  readonly classes: number;
  /** Planes of probabilities held at a time, and their width. */
  readonly ring: number;
  readonly width: number;
  /** Probabilities are stored as 16-bit floats. */
  readonly half: boolean;
  /** There is a channel of weights beside the classes, to divide by. */
  readonly counted?: boolean;
}

/** vec4 of one voxel of the ring. */
export const ringGroups = ({ classes, counted }: Pick<RingShape, 'classes' | 'counted'>): number =>
  channelGroups(classes + (counted ? 1 : 0));

/** Bytes of one voxel of the ring. */
export const probabilityBytes = (shape: Pick<RingShape, 'classes' | 'counted' | 'half'>): number =>
  ringGroups(shape) * VEC4_BYTES[shape.half ? 'fp16' : 'fp32'];

/** Constants of ring.wgsl and of all that reads a ring. */
export const ringConstants = (shape: RingShape) => ({
  CLASSES: shape.classes,
  GROUPS: ringGroups(shape),
  W: shape.width,
  RING: shape.ring,
});

/**
 * Declares the binding `ring`, load_ring(i), where it is written store_ring(i, v), and what ring.wgsl has.
 * @param binding its number
 */
export function declareRing(half: boolean, access: 'read' | 'write', binding: number): string {
  const { element, load, store } = formatOf('vec4f', half ? 'fp16' : 'fp32', 'packed');
  const space = access === 'read' ? 'storage, read' : 'storage, read_write';
  return [
    `@group(0) @binding(${binding}) var<${space}> ring: array<${element}>;`,
    `fn load_ring(i: u32) -> vec4f { return ${load('ring[i]')}; }`,
    access === 'write' ? `fn store_ring(i: u32, v: vec4f) { ring[i] = ${store('v')}; }` : '',
    half ? HALF_FUNCTIONS : '',
    source,
  ].join('\n');
}
