/** Decides where every node of a model goes: to a kernel of ours, or into a segment that ONNX Runtime runs. */

import type { Model, Node } from './decode';
import { matchOps } from './match';
import type { Candidate } from './matchConv';
import type { EngineOp, MatchOptions, Plan, PlanValue, Segment } from './ops';
import { cutSegment } from './segment';
import { type Dims, inferShapes } from './shapes';
import { GraphView, reads } from './view';

export interface PlanOptions extends MatchOptions {
  /** Sizes of inputs whose own are symbolic in the file, by input name. */
  readonly inputDims?: ReadonlyMap<string, Dims>;
}

/** A claimed op, or one node that is left over. */
interface Item {
  readonly op: EngineOp | null;
  readonly nodes: readonly Node[];
  readonly reads: readonly string[];
  readonly makes: readonly string[];
  /** Position of its last node in the graph; since everything it reads is made before that, an order to run in. */
  readonly position: number;
}

/** Values an op reads, in the order of its fields. */
export function opInputs(op: EngineOp): string[] {
  const residual = 'residual' in op ? op.residual : null;
  return residual === null ? [op.x] : [op.x, residual];
}

function makeItems(view: GraphView, taken: readonly Candidate[]): Item[] {
  const positions = new Map(view.nodes.map((node, i) => [node, i]));
  const last = (nodes: readonly Node[]) => Math.max(...nodes.map((node) => positions.get(node) as number));
  const owned = new Set(taken.flatMap((candidate) => candidate.nodes));
  const ops = taken.map(({ op, nodes }) => ({ op, nodes, reads: opInputs(op), makes: [op.y], position: last(nodes) }));
  const rest = view.nodes
    .filter((node) => !owned.has(node))
    .map((node) => ({
      op: null,
      nodes: [node],
      reads: reads(node).filter((name) => !view.constant(name)),
      makes: node.outputs.filter((name) => name !== ''),
      position: last([node]),
    }));
  const items = [...ops, ...rest].sort((a, b) => a.position - b.position);
  // What only fed nodes that are now inside an op (shape arithmetic, say) has nothing left to do.
  const needed = new Set(view.model.graph.outputs.map((v) => v.name));
  return items
    .reverse()
    .filter((item) => {
      const alive = item.makes.some((name) => needed.has(name));
      if (alive) for (const name of item.reads) needed.add(name);
      return alive;
    })
    .reverse();
}

/**
 * Which segment each left-over node joins: all with the same number form one. Along every path the number grows each
 * time the path leaves a node of ours for ONNX Runtime again, so no segment waits for a kernel that waits for it.
 * Ops get the number of the segment they run before.
 */
function levels(items: readonly Item[]): Map<Item, number> {
  const maker = new Map(items.flatMap((item) => item.makes.map((name) => [name, item] as const)));
  const level = new Map<Item, number>();
  for (const item of items) {
    const sources = item.reads.flatMap((name) => maker.get(name) ?? []);
    const steps = sources.map((s) => (level.get(s) as number) + (item.op && !s.op ? 1 : 0));
    level.set(item, Math.max(0, ...steps));
  }
  // As late as possible instead, where that makes a whole segment unnecessary.
  const latest = new Map<Item, number>();
  for (const item of [...items].reverse().filter((i) => !i.op)) {
    const users = items.filter((user) => user.reads.some((name) => item.makes.includes(name)));
    const own = level.get(item) as number;
    const limits = users.map((u) => (u.op ? (level.get(u) as number) - 1 : (latest.get(u) as number)));
    latest.set(item, users.length ? Math.max(own, Math.min(...limits)) : own);
  }
  const used = new Set([...latest.keys()].map((item) => level.get(item) as number));
  for (const k of [...used].sort((a, b) => a - b)) {
    const members = [...latest.keys()].filter((item) => level.get(item) === k);
    const later = members.map((item) => latest.get(item) as number);
    if (later.some((n) => n === k || !used.has(n))) continue;
    for (const [i, item] of members.entries()) level.set(item, later[i]);
    used.delete(k);
  }
  return level;
}

function describeValues(view: GraphView, steps: readonly (EngineOp | Segment)[]): Map<string, PlanValue> {
  const { inputs, outputs } = view.model.graph;
  const known = new Map<string, { producer: number; readers: number[]; layouts: Set<'planar' | 'channels-last'> }>();
  const touch = (name: string, layout: 'planar' | 'channels-last') => {
    const value = known.get(name) ?? { producer: -1, readers: [], layouts: new Set() };
    value.layouts.add(layout);
    known.set(name, value);
    return value;
  };
  for (const { name } of [...inputs, ...outputs]) touch(name, 'planar');
  for (const [i, step] of steps.entries()) {
    const segment = step.kind === 'segment';
    const layout = segment ? 'planar' : 'channels-last';
    for (const name of segment ? step.inputs : opInputs(step)) touch(name, layout).readers.push(i);
    for (const name of segment ? step.outputs : [step.y]) touch(name, layout).producer = i;
  }
  return new Map(
    [...known].map(([name, { producer, readers, layouts }]) => [
      name,
      { name, dims: view.dims(name), producer, readers, isOutput: view.isOutput(name), layouts: [...layouts] },
    ]),
  );
}

/** Why a node is with ONNX Runtime. */
function reason(node: Node, why: ReadonlyMap<Node, string>, claims: MatchOptions['claims']): string {
  if (claims === 'none') return 'kernels are off';
  return why.get(node) ?? (claims === 'epa' ? 'only EPA calls and norms are taken' : 'no kernel takes it');
}

/**
 * Splits a model between our kernels and ONNX Runtime. Steps run in order; those between two segments are ours.
 * Nodes that make constants, and nodes nothing needs any more, go nowhere (step -1).
 */
export function planGraph(model: Model, options: PlanOptions): Plan {
  const view = new GraphView(model, inferShapes(model, options.inputDims));
  const { taken, why } = matchOps(view, options);
  const items = makeItems(view, taken);
  const level = levels(items);

  const steps: (EngineOp | Segment)[] = [];
  const stepOf = new Map<Node, number>();
  const count = items.length ? Math.max(...level.values()) + 1 : 0;
  let segments = 0;
  for (let k = 0; k < count; k++) {
    const here = items.filter((item) => level.get(item) === k);
    for (const { op, nodes } of here) {
      if (!op) continue;
      for (const node of nodes) stepOf.set(node, steps.length);
      steps.push(op);
    }
    const left = here.filter((item) => !item.op).flatMap((item) => item.nodes);
    if (!left.length) continue;
    for (const node of left) stepOf.set(node, steps.length);
    steps.push(cutSegment(view, left, `segment ${segments++}`));
  }

  return {
    steps,
    values: describeValues(view, steps),
    inputs: model.graph.inputs.map((v) => v.name),
    outputs: model.graph.outputs.map((v) => v.name),
    nodes: model.graph.nodes.map((node) => {
      const step = stepOf.get(node) ?? -1;
      const ours = step >= 0 && steps[step].kind !== 'segment';
      const idle = view.nodes.includes(node) ? 'nothing needs it any more' : 'known before anything runs';
      return {
        name: node.name,
        opType: node.domain ? `${node.domain}::${node.opType}` : node.opType,
        step,
        why: ours ? null : step === -1 ? idle : reason(node, why, options.claims),
      };
    }),
  };
}
