/** 3-D textures that are filled slab by slab, so that a big scan never blocks the page for long. */
import {
  Box3,
  Data3DTexture,
  HalfFloatType,
  LinearFilter,
  NearestFilter,
  RedFormat,
  RedIntegerFormat,
  UnsignedByteType,
  Vector3,
  type WebGLRenderer,
} from 'three';
import { UnsupportedDeviceError } from '../../core/errors';
import { type Box, wholeBox } from '../../volume/box';
import type { Triple } from '../../volume/grid';

/** About 10 ms of coding and uploading on a laptop. */
const SLAB_VOXELS = 2 ** 21;

/** @throws UnsupportedDeviceError naming the device's limit and the scan's size */
export function requireTextureFits(dimsXyz: Triple, limit: number): void {
  if (Math.max(...dimsXyz) <= limit) return;
  throw new UnsupportedDeviceError('volume-too-large-for-gpu', { size: dimsXyz.join(' × '), limit: String(limit) });
}

/** R16F, filtered linearly. Empty until `uploadSlabs` fills it. */
export const createIntensityTexture = (dimsXyz: Triple) => emptyTexture(dimsXyz, 'intensity');

/** R8UI, read voxel by voxel. */
export const createLabelTexture = (dimsXyz: Triple) => emptyTexture(dimsXyz, 'labels');

function emptyTexture([nx, ny, nz]: Triple, kind: 'intensity' | 'labels'): Data3DTexture {
  const texture = new Data3DTexture(null, nx, ny, nz);
  if (kind === 'intensity') {
    texture.format = RedFormat;
    texture.type = HalfFloatType;
    texture.minFilter = texture.magFilter = LinearFilter;
  } else {
    texture.format = RedIntegerFormat;
    texture.type = UnsignedByteType;
    texture.internalFormat = 'R8UI';
    texture.minFilter = texture.magFilter = NearestFilter;
  }
  texture.unpackAlignment = 1;
  texture.source.dataReady = false;
  texture.needsUpdate = true;
  return texture;
}

/** Lets the page draw and react between slabs. */
const breathe = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/**
 * Fills a box of a texture made above.
 * @param encode writes voxels [from, from + out.length) of the box into out
 * @param signal ends the upload early, without an error
 * @returns whether the box is complete
 */
export async function uploadSlabs<T extends Uint8Array | Uint16Array>(
  renderer: WebGLRenderer,
  texture: Data3DTexture,
  createSlab: (voxels: number) => T,
  encode: (from: number, out: T) => void,
  signal: AbortSignal,
  box: Box = wholeBox([texture.image.width, texture.image.height, texture.image.depth]),
): Promise<boolean> {
  const [width, height, depth] = box.dimsXyz;
  const [x0, y0, z0] = box.startXyz;
  const slices = Math.max(1, Math.floor(SLAB_VOXELS / (width * height)));
  renderer.initTexture(texture);
  for (let z = 0; z < depth; z += slices) {
    if (signal.aborted) return false;
    const count = Math.min(slices, depth - z);
    const values = createSlab(width * height * count);
    encode(z * width * height, values);
    const slab = new Data3DTexture(values as Uint8Array<ArrayBuffer>, width, height, count);
    slab.format = texture.format;
    slab.type = texture.type;
    slab.unpackAlignment = 1;
    const whole = new Box3(new Vector3(0, 0, 0), new Vector3(width, height, count));
    renderer.copyTextureToTexture(slab, texture, whole, new Vector3(x0, y0, z0 + z));
    if (z + count < depth) await breathe();
  }
  return !signal.aborted;
}
