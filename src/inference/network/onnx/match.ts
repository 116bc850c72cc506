/** Finds in a graph what our kernels can do, fused as far as they can fuse. */

import type { Node } from './decode';
import { type Candidate, type Found, matchConv, matchConvTranspose, matchMatMulUpsample, type Next } from './matchConv';
import { matchEpa } from './matchEpa';
import { matchNorm } from './matchNorm';
import type { MatchOptions } from './ops';
import type { GraphView } from './view';

export interface Matches {
  /** In no particular order; their nodes do not overlap. */
  readonly taken: readonly Candidate[];
  /** For nodes that look like ours but are not taken. */
  readonly why: ReadonlyMap<Node, string>;
}

type Matcher = (view: GraphView, next: Next, node: Node, options: MatchOptions) => Found | null;

const conv =
  (wanted: (kernel: string) => boolean): Matcher =>
  (view, next, node, { softmax = false }) => {
    if (node.domain !== '' || node.opType !== 'Conv') return null;
    const kernel = view.dims(node.inputs[1])?.slice(2).join('x') ?? '';
    return wanted(kernel) ? matchConv(view, next, node, softmax) : null;
  };

const epa: Matcher = (view, _next, node, { claims }) =>
  node.domain === 'organscope' && node.opType === 'EPA' ? matchEpa(view, node, claims === 'all') : null;

const norm: Matcher = (view, next, node) =>
  node.domain === '' && ['Reshape', 'InstanceNormalization', 'GroupNormalization'].includes(node.opType)
    ? matchNorm(view, next, node)
    : null;

const upsample: Matcher = (view, next, node) => {
  if (node.domain !== '') return null;
  if (node.opType === 'ConvTranspose') return matchConvTranspose(view, next, node);
  return node.opType === 'MatMul' ? matchMatMulUpsample(view, next, node) : null;
};

/** Who may take a sum first: at the end of a residual block it goes to the 3x3x3 convolution, not to the shortcut. */
const ORDER: readonly Matcher[] = [
  epa,
  conv((kernel) => kernel === '3x3x3'),
  upsample,
  conv((kernel) => kernel !== '3x3x3' && kernel !== '1x1x1'),
  conv((kernel) => kernel === '1x1x1'),
  norm,
];

/** @returns ops with the nodes they replace; an op of several nodes has one result, so replacing it cannot make a cycle */
export function matchOps(view: GraphView, options: MatchOptions): Matches {
  const owned = new Set<Node>();
  const taken: Candidate[] = [];
  const why = new Map<Node, string>();
  const matchers = { none: [], epa: [epa, norm], all: ORDER }[options.claims];
  const next: Next = (value) => {
    const node = view.next(value);
    return node && !owned.has(node) ? node : null;
  };
  for (const matcher of matchers) {
    // Backwards: of two branches that meet in a sum, the one computed last takes it.
    for (const node of [...view.nodes].reverse()) {
      if (owned.has(node)) continue;
      const found = matcher(view, next, node, options);
      if (found === null) continue;
      if (typeof found === 'string') {
        why.set(node, found);
        continue;
      }
      for (const candidate of found) {
        if (candidate.nodes.some((part) => owned.has(part))) continue;
        const veto = options.accept?.(candidate.op) ?? null;
        if (veto !== null) {
          why.set(node, veto);
          continue;
        }
        for (const part of candidate.nodes) owned.add(part);
        taken.push(candidate);
        break;
      }
    }
  }
  return { taken, why };
}
