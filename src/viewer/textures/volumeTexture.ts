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

/** About 5 ms of coding and uploading on a laptop. */
const SLAB_VOXELS = 2 ** 20;

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

/** Lets the page draw and react. Timers would wait for 4 ms more, each time. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/**
 * Resolves when the graphics process has done what it was told before the fence. Slabs that queue up there hold up every
 * frame of the page behind them.
 */
async function reached(gl: WebGL2RenderingContext, fence: WebGLSync | null, signal: AbortSignal): Promise<void> {
  if (!fence) return;
  while (!signal.aborted && gl.getSyncParameter(fence, gl.SYNC_STATUS) === gl.UNSIGNALED)
    await new Promise((resolve) => setTimeout(resolve, 1));
  gl.deleteSync(fence);
}

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
  const gl = renderer.getContext() as WebGL2RenderingContext;
  let before: WebGLSync | null = null;
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
    if (z + count >= depth) break;
    const fence = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    gl.flush();
    await breathe();
    // One slab is on its way while the next one is being coded.
    await reached(gl, before, signal);
    before = fence;
  }
  gl.deleteSync(before);
  return !signal.aborted;
}
