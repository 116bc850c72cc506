/**
 * In which order a network sees a scan's voxels: every scheme's grid is a box of the scan with its axes renamed and
 * perhaps reversed. Voxels move, nothing is interpolated.
 */

import type { Steps } from '../core/steps';
import { axisDirections } from './affine';
import type { Affine, Triple, VoxelArray } from './grid';
import type { LabelBox } from './labelBox';

type Flips = readonly [boolean, boolean, boolean];

/** A box of a scan in the network's axis order. */
export interface View {
  /** Size of the whole scan. */
  readonly nativeXyz: Triple;
  /** Native voxel axis (0 = x, 1 = y, 2 = z) of the view's D, H, W. */
  readonly axes: Triple;
  /** Whether D, H, W run against their native axis. */
  readonly flips: Flips;
  /** First voxel and size of the box, counted along D, H, W. */
  readonly startDhw: Triple;
  readonly dimsDhw: Triple;
}

/** A native (x, y, z) triple in the order of the view. */
export const inViewOrder = ({ axes }: Pick<View, 'axes'>, xyz: Triple): Triple => [
  xyz[axes[0]],
  xyz[axes[1]],
  xyz[axes[2]],
];

function wholeScan(nativeXyz: Triple, axes: Triple, flips: Flips): View {
  return { nativeXyz, axes, flips, startDhw: [0, 0, 0], dimsDhw: inViewOrder({ axes }, nativeXyz) };
}

/**
 * The file's own voxels as SimpleITK hands them to nnU-Net: (z, y, x) of the file, whatever they mean in the patient, then
 * transposed. [0, 1, 2] leaves D = z, H = y, W = x; [2, 0, 1] makes D = x, H = z, W = y.
 */
export function fileOrder(nativeXyz: Triple, transposeForward: Triple): View {
  const axes = transposeForward.map((zyx) => 2 - zyx) as unknown as Triple;
  return wholeScan(nativeXyz, axes, [false, false, false]);
}

/**
 * Axes that grow towards the given sides of the patient, MONAI's Orientationd. 'RAS': D is the voxel axis closest to
 * left-right, growing to the right.
 * @param axcodes three letters, one of each pair RL, AP, SI
 */
export function anatomicalOrder(nativeXyz: Triple, affine: Affine, axcodes: string): View {
  const directions = axisDirections(affine);
  const named = [...axcodes].map((letter) => {
    const positive = 'RAS'.indexOf(letter);
    const worldAxis = positive >= 0 ? positive : 'LPI'.indexOf(letter);
    const native = directions.findIndex((direction) => direction.worldAxis === worldAxis);
    return { native, flip: directions[native].sign > 0 !== positive >= 0 };
  });
  return wholeScan(
    nativeXyz,
    named.map(({ native }) => native) as unknown as Triple,
    named.map(({ flip }) => flip) as unknown as Flips,
  );
}

/** A part of the view, given along its D, H, W. */
export function crop(view: View, startDhw: Triple, dimsDhw: Triple): View {
  const start = view.startDhw.map((s, axis) => s + startDhw[axis]) as unknown as Triple;
  return { ...view, startDhw: start, dimsDhw };
}

/** Native offset of the view's first voxel, and how far one step along D, H, W moves. */
function strides({ nativeXyz, axes, flips, startDhw }: View): { start: number; steps: Triple } {
  const native = [1, nativeXyz[0], nativeXyz[0] * nativeXyz[1]];
  let start = 0;
  const steps = axes.map((axis, i) => {
    start += (flips[i] ? nativeXyz[axis] - 1 - startDhw[i] : startDhw[i]) * native[axis];
    return flips[i] ? -native[axis] : native[axis];
  });
  return { start, steps: steps as unknown as Triple };
}

/**
 * The view's voxels, (D, H, W).
 * @param data the whole scan, x fastest
 * @returns `data` itself when the view is the whole scan in its own order
 */
export function* take<T extends VoxelArray>(view: View, data: T): Steps<T> {
  const { start, steps } = strides(view);
  const [depth, height, width] = view.dimsDhw;
  const isSame = depth * height * width === data.length && steps[2] === 1 && steps[1] === width;
  if (isSame && steps[0] === width * height && start === 0) return data;
  const out = new (data.constructor as new (length: number) => T)(depth * height * width);
  const takePlane = (d: number): void => {
    let to = d * height * width;
    for (let h = 0; h < height; h++) {
      let from = start + d * steps[0] + h * steps[1];
      for (let w = 0; w < width; w++, to++, from += steps[2]) out[to] = data[from];
    }
  };
  for (let d = 0; d < depth; d++) {
    takePlane(d);
    yield;
  }
  return out;
}

/**
 * Puts a slab of the view's labels back among the scan's voxels.
 * @param firstPlane its first plane along the view's D
 * @param labels (planes, H, W)
 */
export function nativeBox(view: View, firstPlane: number, labels: Uint8Array<ArrayBuffer>): LabelBox {
  const [, height, width] = view.dimsDhw;
  const planes = labels.length / (height * width);
  const slab = crop(view, [firstPlane, 0, 0], [planes, height, width]);
  const startXyz = [0, 0, 0];
  const dimsXyz = [0, 0, 0];
  for (const [i, axis] of view.axes.entries()) {
    const first = slab.startDhw[i];
    startXyz[axis] = view.flips[i] ? view.nativeXyz[axis] - first - slab.dimsDhw[i] : first;
    dimsXyz[axis] = slab.dimsDhw[i];
  }
  const box = { startXyz: startXyz as unknown as Triple, dimsXyz: dimsXyz as unknown as Triple };
  const { start, steps } = strides({ ...slab, nativeXyz: box.dimsXyz, startDhw: [0, 0, 0] });
  const data = new Uint8Array(labels.length);
  for (let d = 0, from = 0; d < planes; d++) {
    for (let h = 0; h < height; h++) {
      let to = start + d * steps[0] + h * steps[1];
      for (let w = 0; w < width; w++, from++, to += steps[2]) data[to] = labels[from];
    }
  }
  return { ...box, data };
}
