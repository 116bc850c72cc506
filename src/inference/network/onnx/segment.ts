/** Cutting nodes out of a model into a model of their own. */

import type { Node, OnnxFunction, Tensor, ValueInfo } from './decode';
import { encodeModel } from './encode';
import type { Segment } from './ops';
import { type GraphView, reads } from './view';

/** Functions that nodes call, and those that these call. */
function functionsOf(nodes: readonly Node[], all: readonly OnnxFunction[]): OnnxFunction[] {
  const found = new Set<OnnxFunction>();
  const visit = (node: Node) => {
    for (const graph of [...node.attributes.values()].flatMap((a) => a.graphs)) graph.nodes.forEach(visit);
    const f = all.find((g) => g.name === node.opType && g.domain === node.domain);
    if (!f || found.has(f)) return;
    found.add(f);
    f.nodes.forEach(visit);
  };
  nodes.forEach(visit);
  return all.filter((f) => found.has(f));
}

/**
 * A self-contained model of some nodes.
 * @param nodes in graph order, with every node between two of them also among them (convex)
 */
export function cutSegment(view: GraphView, nodes: readonly Node[], name: string): Segment {
  const { model } = view;
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const needed = [...new Set(nodes.flatMap(reads))].filter((value) => !made.has(value));
  const initializers = new Map(
    needed.flatMap((value) => {
      const tensor = view.constant(value);
      return tensor ? [[value, tensor] as [string, Tensor]] : [];
    }),
  );
  const own = new Set(nodes);
  const inputs = needed.filter((value) => !initializers.has(value));
  const outputs = [...made].filter((value) => view.isOutput(value) || view.uses(value).some((user) => !own.has(user)));
  const stated = new Map([...model.graph.inputs, ...model.graph.outputs].map((v) => [v.name, v]));
  const info = (value: string): ValueInfo => ({
    name: value,
    dataType: view.facts.types.get(value) ?? stated.get(value)?.dataType ?? 0,
    dims: view.dims(value) ?? stated.get(value)?.dims ?? null,
  });
  const encoded = encodeModel({
    irVersion: model.irVersion,
    opsets: model.opsets,
    functions: functionsOf(nodes, model.functions),
    graph: { name, nodes, initializers, inputs: inputs.map(info), outputs: outputs.map(info), values: [] },
  });
  return { kind: 'segment', name, inputs, outputs, nodes: nodes.map((node) => node.name), model: encoded };
}
