/** Efficient paired attention: the call of organscope::EPA alone, and the block around it. */

import type { Node } from './decode';
import { epaFlavour } from './epaFunction';
import type { Candidate, Found } from './matchConv';
import type { EpaBlockOp, EpaOp, EpaWeights } from './ops';
import type { GraphView } from './view';

const placeOf = (name: string, suffix: string) => (name.endsWith(suffix) ? name.slice(0, -suffix.length) : name);

/** Sizes and weights of a call, or why it is not one the kernel computes. */
function readCall(view: GraphView, node: Node): { tokens: number; channels: number; epa: EpaWeights } | string {
  const flavour = epaFlavour(view.model.functions, node);
  if (!flavour) return 'its EPA function is not one the kernel computes';
  const x = view.dims(node.inputs[0]);
  if (x?.length !== 3 || x[0] !== 1) return 'its input is not known to be (1, tokens, channels)';
  const [, n, c] = x;
  const [split, whole] = ['qkvv_shape', 'tokens_shape'].map((name) => node.attributes.get(name)?.ints ?? []);
  const heads = split[2];
  if (split.join() !== [n, 4, heads, c / heads].join() || whole.join() !== x.join() || c % heads) {
    return `its shapes (${split.join(', ')}) and (${whole.join(', ')}) do not fit ${n} tokens of ${c} channels`;
  }
  const [, qkvvName, temperatureName, temperature2Name, ...rest] = node.inputs;
  const p = view.dims(rest[0])?.[1] ?? 0;
  const qkvv = view.matrix(qkvvName, c, 4 * c);
  const temperature = view.floats(temperatureName, heads);
  const temperature2 = view.floats(temperature2Name, heads);
  const e = view.matrix(rest[0], n, p);
  const plain = flavour.projection === 'plain';
  const f = plain ? e : view.matrix(rest[2], n, p);
  const [eBias, fBias] = plain ? [null, null] : [view.floats(rest[1], p), view.floats(rest[3], p)];
  const biased = plain || (eBias && fBias);
  if (!qkvv || !temperature || !temperature2 || !e || !f || !biased) return 'its weights are not constant float32';
  const base = { heads, projected: p, qkvv, temperature, temperature2, e, eBias, f, fBias };
  if (flavour.fusion === 'sum') return { tokens: n, channels: c, epa: { ...base, output: null } };

  const half = rest.slice(plain ? 1 : 4);
  const [outProj, outProj2] = [half[0], half[2]].map((name) => view.matrix(name, c, c / 2));
  const [outProjBias, outProj2Bias] = [half[1], half[3]].map((name) => view.floats(name, c / 2));
  if (!outProj || !outProj2 || !outProjBias || !outProj2Bias) return 'its weights are not constant float32';
  const output = { outProj, outProjBias, outProj2, outProj2Bias };
  return { tokens: n, channels: c, epa: { ...base, output } };
}

/** The operand of a two-input node that is not `value`. */
const other = (node: Node | null, value: string) => node?.inputs.find((name) => name !== value);

/** t = x + posEmbed; y = t + gamma * EPA(layerNorm(t)), with the changes between volume and tokens at both ends. */
function matchBlock(view: GraphView, node: Node, call: { tokens: number; channels: number; epa: EpaWeights }) {
  const { tokens: n, channels: c } = call;
  const norm = view.producer(node.inputs[0]);
  const position = norm?.opType === 'LayerNormalization' ? view.producer(norm.inputs[0]) : null;
  if (!norm || position?.opType !== 'Add' || ![-1, 2].includes(norm.attributes.get('axis')?.i ?? -1)) return null;
  const posName = position.inputs.find((name) => view.constant(name));
  const posEmbed = view.floats(posName, n * c);
  const tokens = view.producer(other(position, posName ?? '') ?? '');
  const flatten = tokens && view.producer(tokens.inputs[0]);
  const scale = view.next(node.outputs[0]);
  const gamma = scale?.opType === 'Mul' ? view.floats(other(scale, node.outputs[0]), c) : null;
  const attended = scale && view.next(scale.outputs[0]);
  const channels = attended && view.next(attended.outputs[0]);
  const volume = channels && view.next(channels.outputs[0]);
  if (!posEmbed || !flatten || !gamma || attended?.opType !== 'Add' || !volume) return null;
  if (other(attended, scale.outputs[0]) !== position.outputs[0]) return null;
  const around = [flatten, tokens, channels, volume];
  const perms = [tokens, channels].map((t) => t.attributes.get('perm')?.ints.join());
  if (around.map((t) => t.opType).join() !== 'Reshape,Transpose,Transpose,Reshape') return null;
  const x = view.dims(flatten.inputs[0]);
  if (perms.join('|') !== '0,2,1|0,2,1' || x?.length !== 5 || x[0] !== 1 || x[1] !== c) return null;
  const shapes = [position.outputs[0], posName, volume.outputs[0]].map((name) => view.dims(name)?.join());
  const known = [`1,${n},${c}`, `${n},${c}`];
  if (shapes[0] !== known[0] || !known.includes(shapes[1] ?? '') || shapes[2] !== x.join()) return null;
  const layerGamma = view.floats(norm.inputs[1], c);
  const layerBeta = norm.inputs[2] ? view.floats(norm.inputs[2], c) : new Float32Array(c);
  const nodes = [flatten, tokens, position, norm, node, scale, attended, channels, volume];
  if (!layerGamma || !layerBeta || !view.isClosed(nodes, volume.outputs[0])) return null;
  const op: EpaBlockOp = {
    kind: 'epa-block',
    name: placeOf(posName ?? node.name, '.pos_embed'),
    x: flatten.inputs[0],
    y: volume.outputs[0],
    nodes: nodes.map((t) => t.name),
    dhw: [x[2], x[3], x[4]],
    ...call,
    posEmbed,
    layerNorm: { epsilon: norm.attributes.get('epsilon')?.f ?? 1e-5, gamma: layerGamma, beta: layerBeta },
    gamma,
  };
  return { op, nodes } satisfies Candidate;
}

/** @param blocks whether what surrounds a call may be taken too */
export function matchEpa(view: GraphView, node: Node, blocks: boolean): Found {
  const call = readCall(view, node);
  if (typeof call === 'string') return call;
  const [x, y] = [node.inputs[0], node.outputs[0]];
  const op: EpaOp = { kind: 'epa', name: placeOf(node.name, '/out'), x, y, nodes: [node.name], ...call };
  const block = blocks ? matchBlock(view, node, call) : null;
  return block ? [block, { op, nodes: [node] }] : [{ op, nodes: [node] }];
}
