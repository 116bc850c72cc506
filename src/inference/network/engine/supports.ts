/** What the kernels cannot run, said before a plan is made: the engine's veto (MatchOptions.accept). */

import { epaSupports } from '../kernels/epa/weights';
import type { EngineOp } from '../onnx/ops';

/** Why an op is left to ONNX Runtime, or null. */
export function whyUnsupported(op: EngineOp): string | null {
  if (op.kind === 'epa' || op.kind === 'epa-block') {
    const { heads, projected, output } = op.epa;
    const fusion = { kind: output ? 'concat' : 'sum' };
    if (!epaSupports({ channels: op.channels, heads, projected, fusion })) {
      return `EPA kernels need channels per head and projected tokens in fours, got ${op.channels / heads} and ${projected}`;
    }
    return null;
  }
  if ('act' in op && op.act && !(op.act.slope >= 0 && op.act.slope <= 1)) {
    return `the activation's slope ${op.act.slope} is not between 0 and 1`;
  }
  if (op.kind === 'pointwise' && op.softmax) return 'softmax is not fused';
  return null;
}
