/** Where a window lies: what kernels that cut it out and add it up are told by a uniform. See windowParams.wgsl. */
import type { Triple } from '../../../volume/grid';
import source from './windowParams.wgsl?raw';

/** Binding 0, `window`, of the kernels that take windowParams; asks for the constants PD, PH, PW. */
export const WINDOW_PARAMS = source;

/** Bytes of windowParams. */
export const WINDOW_PARAMS_BYTES = 32;

/**
 * Where a window lies, for `windowKernel` and `accumulateKernel`: WINDOW_PARAMS_BYTES.
 * @param startDhw its first voxel on the padded grid
 * @param index its number in the run: where its health is noted
 * @param weightsDhw where its weights begin in the table of weights, per axis
 * @param mirror which axes are reversed before the network sees it: bit 0 for W, 1 for H, 2 for D
 */
export function windowParams(startDhw: Triple, index: number, weightsDhw: Triple, mirror = 0): Int32Array<ArrayBuffer> {
  return Int32Array.of(...startDhw, index, ...weightsDhw, mirror);
}
