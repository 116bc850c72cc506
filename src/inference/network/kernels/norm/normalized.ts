/**
 * Reading a tensor whose norm has not been applied yet. Applying a norm in its own pass reads and writes the whole
 * tensor; instead every kernel that reads it does so through this function, and the normalised tensor never exists.
 */

import { invariant } from '../../../../core/invariant';
import type { TensorId } from '../../../gpu/recorder';
import type { Bindings } from '../../../gpu/wgsl';

/** act(x * scale + shift + (residual * scale' + shift')), channels last, each part optional but x. */
export interface NormalizedTensor {
  readonly x: TensorId;
  /** x is planar (C, D, H, W) scalars: its true channel count. */
  readonly planarChannels?: number;
  /** From recordNormFinalize, for x. */
  readonly scaleShift?: TensorId;
  readonly residual?: TensorId;
  /** `residual` is a single plane (D, H, W), the same for every channel before its own scale and shift. */
  readonly residualPlane?: boolean;
  readonly residualScaleShift?: TensorId;
  /** Leaky ReLU: the factor of negative values, 0 to 1. Absent: no activation. */
  readonly slope?: number;
}

/** A finished tensor, or one to normalise while it is read. */
export type Operand = TensorId | NormalizedTensor;

/**
 * Declares the operand's bindings and returns WGSL for `fn name(voxel: u32, group: u32) -> vec4f`, the four channels
 * 4*group.. of a voxel.
 * @param groups vec4 per voxel
 * @param voxels D*H*W
 */
export function declareOperand(
  bindings: Bindings,
  name: string,
  operand: Operand,
  groups: number,
  voxels: number,
): string {
  const o: NormalizedTensor = typeof operand === 'object' ? operand : { x: operand };
  const lines: string[] = [];
  if (o.planarChannels === undefined) {
    bindings.vec4s(`${name}_x`, 'read', o.x);
    lines.push(`var v = load_${name}_x(voxel * ${groups}u + group);`);
  } else {
    bindings.add(`${name}_x`, 'read', 'array<f32>', o.x);
    lines.push('var v = vec4f();');
    for (let c = 0; c < Math.min(4, o.planarChannels); c++) {
      const load = `v[${c}u] = ${name}_x[(group * 4u + ${c}u) * ${voxels}u + voxel];`;
      // Channels beyond the last plane stay zero.
      lines.push(
        o.planarChannels % 4 > c || o.planarChannels % 4 === 0 ? load : lastGroupGuard(o.planarChannels, load),
      );
    }
  }
  if (o.scaleShift !== undefined) lines.push(`v = v * ${norm(`${name}_norm`, o.scaleShift)};`);
  if (o.residual !== undefined) {
    if (o.residualPlane) bindings.add(`${name}_residual`, 'read', 'array<f32>', o.residual);
    else bindings.vec4s(`${name}_residual`, 'read', o.residual);
    const residual = o.residualPlane
      ? `vec4f(${name}_residual[voxel])`
      : `load_${name}_residual(voxel * ${groups}u + group)`;
    const scaled = o.residualScaleShift === undefined ? '' : ` * ${norm(`${name}_residualNorm`, o.residualScaleShift)}`;
    lines.push(`v += ${residual}${scaled};`);
  }
  if (o.slope !== undefined) lines.push(leakyRelu('v', o.slope));
  return `fn ${name}(voxel: u32, group: u32) -> vec4f {\n  ${lines.join('\n  ')}\n  return v;\n}\n`;

  function norm(binding: string, scaleShift: TensorId): string {
    bindings.add(binding, 'uniform', `array<vec4f, ${2 * groups}>`, scaleShift);
    return `${binding}[group] + ${binding}[${groups}u + group]`;
  }
}

function lastGroupGuard(channels: number, load: string): string {
  return `if (group < ${Math.floor(channels / 4)}u) { ${load} }`;
}

/** WGSL statement applying leaky ReLU to a variable. max(v, a*v) equals it for 0 <= a <= 1 and needs no branch. */
export function leakyRelu(variable: string, slope: number): string {
  invariant(slope >= 0 && slope <= 1, 'leaky ReLU', () => `slope must be 0 to 1, got ${slope}.`);
  return `${variable} = max(${variable}, ${variable} * f32(${slope}));`;
}
