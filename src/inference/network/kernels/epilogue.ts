/** What convolutions do with a sum before they store it: bias, residual, leaky ReLU. */

import { invariant } from '../../../core/invariant';
import { channelGroups, type Recorder, type TensorId } from '../../gpu/recorder';
import type { Bindings } from '../../gpu/wgsl';
import { declareOperand, leakyRelu, type NormalizedTensor } from './norm/normalized';

export interface Epilogue {
  /** (cout) */
  readonly bias?: Float32Array;
  /** Shaped like the result, added before the activation. */
  readonly residual?: TensorId | NormalizedTensor;
  /** From recordNormFinalize: the residual is scaled and shifted per channel while it is read. */
  readonly residualAffine?: TensorId;
  /** Leaky ReLU on store: the factor of negative values. */
  readonly activation?: { readonly slope: number };
}

/** Declares `fn finish(voxel: u32, group: u32, sum: vec4f) -> vec4f` and the bindings it needs. */
export function declareFinish(
  r: Recorder,
  bindings: Bindings,
  label: string,
  { bias, residual, residualAffine, activation }: Epilogue,
  cout: number,
  voxels: number,
): string {
  const groups = channelGroups(cout);
  const lines = ['var v = sum;'];
  let functions = '';
  if (bias) {
    invariant(bias.length === cout, label, () => `bias has ${bias.length} values, not ${cout}.`);
    const padded = new Float32Array(groups * 4);
    padded.set(bias);
    bindings.add('bias', 'uniform', `array<vec4f, ${groups}>`, r.constant(`${label} bias`, padded, true));
    lines.push('v += bias[group];');
  }
  if (residual !== undefined) {
    const operand = typeof residual === 'object' ? residual : { x: residual, scaleShift: residualAffine };
    functions += declareOperand(bindings, 'residual', operand, groups, voxels);
    lines.push('v += residual(voxel, group);');
  }
  if (activation) lines.push(leakyRelu('v', activation.slope));
  return `${functions}fn finish(voxel: u32, group: u32, sum: vec4f) -> vec4f {\n  ${lines.join('\n  ')}\n  return v;\n}\n`;
}
