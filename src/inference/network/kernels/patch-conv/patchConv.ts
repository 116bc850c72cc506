/** Convolution with kernel = stride (stem, downsampling). See patchConv.wgsl. */

import { invariant } from '../../../../core/invariant';
import type { Triple } from '../../../../volume/grid';
import { channelGroups, type Recorder, type TensorId } from '../../../gpu/recorder';
import { Bindings } from '../../../gpu/wgsl';
import { declareFinish, type Epilogue } from '../epilogue';
import type { Partials } from '../norm/partials';
import { planVoxelProduct, recordVoxelProduct } from '../pointwise/voxelProduct';
import source from './patchConv.wgsl?raw';

export interface PatchConvDispatch extends Epilogue {
  readonly label: string;
  /** (D, H, W, cin padded to 4), or planar (cin, D, H, W) with `planarInput`. */
  readonly x: TensorId;
  readonly planarInput?: boolean;
  /** Of the input; multiples of the kernel. */
  readonly dimsDhw: Triple;
  readonly kernel: Triple;
  readonly cin: number;
  readonly cout: number;
  /** (cout, cin, kd, kh, kw) */
  readonly weight: Float32Array;
  /** Also returns norm statistics of the stored values. */
  readonly stats?: boolean;
  /** Where to store the result; a new temporary if absent. */
  readonly out?: TensorId;
}

/** @returns y (D/kd, H/kh, W/kw, cout padded to 4) @throws InternalError when shapes disagree */
export function recordPatchConv(r: Recorder, op: PatchConvDispatch): { y: TensorId; stats?: Partials } {
  const { label, dimsDhw, kernel, cin, cout, weight, planarInput = false } = op;
  const [kd, kh, kw] = kernel;
  const taps = kd * kh * kw;
  invariant(
    weight.length === cout * cin * taps,
    label,
    () => `weight has ${weight.length} values, not ${cout}x${cin}x${taps}.`,
  );
  invariant(
    dimsDhw.every((n, axis) => n % kernel[axis] === 0),
    label,
    () => `${dimsDhw} is not divided by ${kernel}.`,
  );
  const [od, oh, ow] = dimsDhw.map((n, axis) => n / kernel[axis]);
  const voxels = od * oh * ow;
  const cin4 = channelGroups(cin);
  const cout4 = channelGroups(cout);
  const vec4Rows = planarInput && kw % 4 === 0;
  const perElement = vec4Rows ? 4 : 1;
  const y = op.out ?? r.activation(label, voxels * cout4);
  const bindings = new Bindings(r);
  const scalar = planarInput && !vec4Rows;
  if (scalar) bindings.add('x', 'read', 'array<f32>', op.x);
  else bindings.vec4s('x', 'read', op.x);
  const finish = declareFinish(r, bindings, label, op, cout, voxels);
  bindings.vec4s('y', 'write', y);
  const stats = recordVoxelProduct(r, {
    label: `${label} patch ${cin}->${cout}`,
    ...{ voxels, scalar, blocks: 1, cout, bindings, stats: op.stats, plan: planVoxelProduct(voxels, 1, cout) },
    // Planar patches are in weight order; channels-last ones go tap by tap, their channels padded to 4.
    depth: planarInput ? cin * taps : 4 * cin4 * taps,
    weight: (_, co, k) => {
      if (planarInput) return weight[co * cin * taps + k];
      const [tap, ci] = [Math.floor(k / (4 * cin4)), k % (4 * cin4)];
      return ci < cin ? weight[(co * cin + ci) * taps + tap] : 0;
    },
    functions: finish + source,
    constants: {
      ...{ PLANAR: planarInput, CIN4: planarInput ? 1 : cin4, KD: kd, KH: kh, KW: kw / perElement },
      ...{ ID: dimsDhw[0], IH: dimsDhw[1], IW: dimsDhw[2] / perElement, OH: oh, OW: ow },
    },
  });
  return { y, stats };
}
