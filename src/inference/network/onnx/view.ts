/** A graph with the questions that pattern matching asks: who makes a value, who reads it, what is known about it. */
import type { Graph, Model, Node, Tensor } from './decode';
import type { Dims, Facts } from './shapes';

/** Every value a node reads: its inputs, and what the bodies of If, Loop and Scan take from the graph around them. */
export function reads(node: Node): string[] {
  const captured = [...node.attributes.values()].flatMap((a) => a.graphs).flatMap(freeValues);
  return [...node.inputs.filter((name) => name !== ''), ...captured];
}

function freeValues(graph: Graph): string[] {
  const own = new Set([...graph.initializers.keys(), ...graph.inputs.map((v) => v.name)]);
  for (const node of graph.nodes) for (const name of node.outputs) own.add(name);
  const used = [...graph.nodes.flatMap(reads), ...graph.outputs.map((v) => v.name)];
  return [...new Set(used)].filter((name) => !own.has(name));
}

export class GraphView {
  /** Nodes that have to run: without those whose results are constants. */
  readonly nodes: readonly Node[];
  private readonly producers = new Map<string, Node>();
  private readonly users = new Map<string, Node[]>();
  private readonly outputs: ReadonlySet<string>;

  constructor(
    readonly model: Model,
    readonly facts: Facts,
  ) {
    this.outputs = new Set(model.graph.outputs.map((v) => v.name));
    this.nodes = model.graph.nodes.filter((node) =>
      node.outputs.some((name) => this.outputs.has(name) || !facts.constants.has(name)),
    );
    for (const node of this.nodes) {
      for (const name of node.outputs) this.producers.set(name, node);
      for (const name of reads(node)) this.users.set(name, [...(this.users.get(name) ?? []), node]);
    }
  }

  producer(value: string): Node | null {
    return this.producers.get(value) ?? null;
  }

  /** Nodes that read a value, one entry per use. */
  uses(value: string): readonly Node[] {
    return this.users.get(value) ?? [];
  }

  isOutput(value: string): boolean {
    return this.outputs.has(value);
  }

  /** The one node that reads `value`, if nothing else needs it. */
  next(value: string): Node | null {
    const uses = this.uses(value);
    return uses.length === 1 && !this.isOutput(value) ? uses[0] : null;
  }

  /** Whether nothing outside `group` reads what its nodes make, apart from `result`. */
  isClosed(group: readonly Node[], result: string): boolean {
    return group
      .flatMap((node) => node.outputs)
      .every(
        (name) => name === result || (!this.isOutput(name) && this.uses(name).every((user) => group.includes(user))),
      );
  }

  dims(value: string | undefined): Dims | null {
    return this.facts.dims.get(value ?? '') ?? null;
  }

  constant(value: string | undefined): Tensor | null {
    return this.facts.constants.get(value ?? '') ?? null;
  }

  /** A constant of exactly `count` float32 numbers. */
  floats(value: string | undefined, count: number): Float32Array | null {
    const data = this.constant(value)?.data;
    return data instanceof Float32Array && data.length === count ? data : null;
  }

  /** A constant float32 matrix of these dims. */
  matrix(value: string | undefined, rows: number, columns: number): Float32Array | null {
    const isShaped = this.constant(value)?.dims.join() === `${rows},${columns}`;
    return isShaped ? this.floats(value, rows * columns) : null;
  }
}
