/** Whether a network is one that model.json describes and Organscope can run; asked before anything is compiled. */
import { ModelError } from '../../core/errors';
import { type Message, message } from '../../core/messages';
import { type Manifest, outputChannels } from '../../models/manifest';
import type { Model, Node, ValueInfo } from '../network/onnx/decode';
import { FLOAT } from '../network/onnx/decode';

/** Operator sets that ONNX Runtime's browser builds know. '' is ONNX's own. */
const KNOWN_DOMAINS = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft']);

/** The parts of the manifest that the network must agree with. */
export type NetworkManifest = Pick<Manifest, 'channels' | 'labels' | 'output' | 'patchDhw'>;

/**
 * @throws ModelError('operator-unsupported') naming the operators; ModelError('network-inputs') for another number than one;
 *   ModelError('network-type') for numbers that are not float32; ModelError('network-shape') with the shape the network has
 *   and the one model.json promises
 */
export function checkGraph(model: Model, manifest: NetworkManifest): void {
  checkOperators(model);
  const { inputs, outputs } = model.graph;
  if (inputs.length !== 1) {
    const names = inputs.map(({ name }) => name).join(', ') || message('none');
    throw new ModelError('network-inputs', { count: inputs.length, names });
  }
  const { channels, labels, output, patchDhw } = manifest;
  const classes = outputChannels(manifest);
  const meaning =
    output.activation === 'softmax'
      ? message('labels-and-patch', { count: labels.length })
      : message('regions-and-patch', { count: classes });
  const given = message('channels-and-patch', { count: channels.length });
  checkShape(message('network-input'), inputs[0], [1, channels.length, ...patchDhw], given);
  checkShape(message('network-output'), outputs[0], [1, classes, ...patchDhw], meaning);
}

function checkOperators({ graph, functions }: Model): void {
  const own = new Set(functions.map(({ domain, name }) => `${domain}::${name}`));
  const isUnknown = ({ domain, opType }: Node) => !KNOWN_DOMAINS.has(domain) && !own.has(`${domain}::${opType}`);
  const nodes = [graph.nodes, ...functions.map((fn) => fn.nodes)].flat();
  const unknown = [...new Set(nodes.filter(isUnknown).map(({ domain, opType }) => `${domain}::${opType}`))];
  if (unknown.length === 0) return;
  throw new ModelError('operator-unsupported', { count: unknown.length, names: unknown.join(', ') });
}

/** Sizes that the file leaves open fit everything. */
function checkShape(what: Message, value: ValueInfo, expected: readonly number[], source: Message): void {
  if (value.dataType !== 0 && value.dataType !== FLOAT) {
    throw new ModelError('network-type', { what, name: value.name, type: value.dataType });
  }
  const { dims } = value;
  if (!dims) return;
  if (dims.length === expected.length && dims.every((size, i) => size === null || size === expected[i])) return;
  const shape = dims.map((size) => size ?? '?').join(', ');
  throw new ModelError('network-shape', { what, name: value.name, shape, source, promised: expected.join(', ') });
}
