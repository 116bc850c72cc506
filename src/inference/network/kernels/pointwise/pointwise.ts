/** 1x1x1 convolution with what surrounds it. See pointwise.wgsl. */

import { invariant } from '../../../../core/invariant';
import { channelGroups, type Recorder, type TensorId } from '../../../gpu/recorder';
import { Bindings } from '../../../gpu/wgsl';
import { declareFinish, type Epilogue } from '../epilogue';
import { declareOperand, type Operand } from '../norm/normalized';
import type { Partials } from '../norm/partials';
import source from './pointwise.wgsl?raw';
import { planVoxelProduct, recordVoxelProduct } from './voxelProduct';

export interface PointwiseDispatch extends Epilogue {
  readonly label: string;
  /** (voxels, cin padded to 4), finished or to be normalised while it is read; or planar, see NormalizedTensor. */
  readonly x: Operand;
  readonly voxels: number;
  readonly cin: number;
  readonly cout: number;
  /** (cout, cin) */
  readonly weight: Float32Array;
  /** Store (cout, voxels) scalars instead of channels last. */
  readonly planarOutput?: boolean;
  /** Also returns norm statistics of the stored values. */
  readonly stats?: boolean;
  /** Where to store the result; a new temporary if absent. */
  readonly out?: TensorId;
}

/** @returns y (voxels, cout padded to 4) or (cout, voxels) @throws InternalError when shapes disagree */
export function recordPointwise(r: Recorder, op: PointwiseDispatch): { y: TensorId; stats?: Partials } {
  const { label, voxels, cin, cout, weight, planarOutput = false } = op;
  invariant(weight.length === cout * cin, label, () => `weight has ${weight.length} values, not ${cout}x${cin}.`);
  const cout4 = channelGroups(cout);
  const plan = planVoxelProduct(voxels, 1, cout);
  const y = op.out ?? (planarOutput ? r.temporary(label, 4 * voxels * cout) : r.activation(label, voxels * cout4));
  const bindings = new Bindings(r);
  const functions = [
    declareOperand(bindings, 'input', op.x, channelGroups(cin), voxels),
    declareFinish(r, bindings, label, op, cout, voxels),
    source,
  ];
  if (planarOutput) bindings.add('y', 'write', 'array<f32>', y);
  else bindings.vec4s('y', 'write', y);
  const stats = recordVoxelProduct(r, {
    label: `${label} pointwise ${cin}->${cout}`,
    ...{ voxels, depth: cin, scalar: false, blocks: 1, cout, plan, bindings, stats: op.stats },
    weight: (_, co, k) => weight[co * cin + k],
    functions: functions.join(''),
    constants: { COUT: cout, PLANAR_OUTPUT: planarOutput },
  });
  return { y, stats };
}
