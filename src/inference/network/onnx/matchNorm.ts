/** Norms that no convolution of ours could take along. */

import type { Node } from './decode';
import type { Found, Next } from './matchConv';
import { findActivation, findNorm } from './matchTail';
import type { NormOp } from './ops';
import type { GraphView } from './view';

/** An instance or group norm that begins with `node`, with the activation after it; null for a Reshape of another kind. */
export function matchNorm(view: GraphView, next: Next, node: Node): Found | null {
  const [x] = node.inputs;
  const dims = view.dims(x);
  if (dims?.length !== 5 || dims[0] !== 1) return null;
  const found = findNorm(view, next, x, node);
  if (!found) return node.opType === 'Reshape' ? null : 'its scale and shift are not constant float32';
  const { nodes, y, norm } = found;
  const [, channels, d, h, w] = dims;
  const plain = { kind: 'norm', name: y.replace(/^\//, ''), x, y, channels, dhw: [d, h, w], norm, act: null } as const;
  const names = nodes.map((n) => n.name);
  const alone = { op: { ...plain, nodes: names } satisfies NormOp, nodes };
  const act = findActivation(view, next(y));
  if (!act) return [alone];
  const activated = { ...plain, y: act.node.outputs[0], nodes: [...names, act.node.name], act: act.act };
  return [{ op: activated satisfies NormOp, nodes: [...nodes, act.node] }, alone];
}
