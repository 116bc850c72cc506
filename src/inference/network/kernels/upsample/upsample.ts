/** Transposed convolution with kernel = stride, plus the skip connection. See upsample.wgsl. */

import { invariant } from '../../../../core/invariant';
import type { Triple } from '../../../../volume/grid';
import { channelGroups, type Recorder, type TensorId } from '../../../gpu/recorder';
import { Bindings } from '../../../gpu/wgsl';
import { declareFinish } from '../epilogue';
import { declareOperand, type Operand } from '../norm/normalized';
import { planVoxelProduct, recordVoxelProduct, tilesPerBlock } from '../pointwise/voxelProduct';
import source from './upsample.wgsl?raw';

export interface UpsampleDispatch {
  readonly label: string;
  /** (D, H, W, cin padded to 4), finished or to be normalised while it is read. */
  readonly x: Operand;
  /** Of the input. */
  readonly dimsDhw: Triple;
  readonly kernel: Triple;
  readonly cin: number;
  readonly cout: number;
  /** (cin, cout, kd, kh, kw) */
  readonly weight: Float32Array;
  /** (cout) */
  readonly bias?: Float32Array;
  /** Added to the result, shaped like it; finished or to be normalised while it is read. */
  readonly skip?: Operand;
  /** Where to store the result; a new temporary if absent. */
  readonly out?: TensorId;
}

/** @returns y (D*kd, H*kh, W*kw, cout padded to 4) @throws InternalError when shapes disagree */
export function recordUpsample(r: Recorder, op: UpsampleDispatch): TensorId {
  const { label, dimsDhw, kernel, cin, cout, weight } = op;
  const [kd, kh, kw] = kernel;
  const taps = kd * kh * kw;
  invariant(
    weight.length === cin * cout * taps,
    label,
    () => `weight has ${weight.length} values, not ${cin}x${cout}x${taps}.`,
  );
  const voxels = dimsDhw[0] * dimsDhw[1] * dimsDhw[2];
  const cout4 = channelGroups(cout);
  const plan = planVoxelProduct(voxels, taps, cout);
  const y = op.out ?? r.activation(label, voxels * taps * cout4);
  const bindings = new Bindings(r);
  const functions = [
    declareOperand(bindings, 'input', op.x, channelGroups(cin), voxels),
    declareFinish(r, bindings, label, { bias: op.bias, residual: op.skip }, cout, voxels * taps),
    source,
  ];
  bindings.vec4s('y', 'write', y);
  recordVoxelProduct(r, {
    label: `${label} upsample ${cin}->${cout}`,
    ...{ voxels, depth: cin, scalar: false, blocks: taps, cout, plan, bindings },
    weight: (tap, co, ci) => weight[(ci * cout + co) * taps + tap],
    functions: functions.join(''),
    constants: { H: dimsDhw[1], W: dimsDhw[2], KD: kd, KH: kh, KW: kw, TILES: tilesPerBlock(cout, plan) },
  });
  return y;
}
